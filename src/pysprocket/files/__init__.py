"""Bytes that lie elsewhere.

In: URLs. Out: local copies of what they name, kept in a cache on disk.
"""
