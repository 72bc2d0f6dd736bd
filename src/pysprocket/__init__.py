"""pysprocket runs WDL workflows wherever the compute is: locally, on Docker, on a cluster."""
