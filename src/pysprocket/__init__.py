"""pysprocket runs WDL workflows wherever the compute is: locally, on Docker, on a cluster."""

__version__ = "0.1.0"
