"""The plan: bound inputs, the graph of a workflow, the requirements of a call."""
