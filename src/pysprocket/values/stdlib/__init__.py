"""The standard library of WDL, one file per family of functions."""
