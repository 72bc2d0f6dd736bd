"""The call cache: results of tasks, kept by what they depend on."""
