"""Servers of the GA4GH Task Execution Service: so far, whether one answers."""
