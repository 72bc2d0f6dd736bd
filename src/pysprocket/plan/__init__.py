"""The plan: bound inputs, and the graph of a workflow."""
