"""Memory: the provenance database."""
