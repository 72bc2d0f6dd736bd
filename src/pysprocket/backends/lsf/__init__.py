"""LSF clusters: so far, whether one answers."""
