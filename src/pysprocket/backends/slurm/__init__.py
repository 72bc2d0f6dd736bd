"""Slurm clusters: so far, whether one answers."""
