"""Meaning: imports, scopes, type checking; a typed document beside the tree."""
