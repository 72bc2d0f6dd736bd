"""Text, positions in it, and diagnostics that point into it."""
