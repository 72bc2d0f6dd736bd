"""Jobs as processes of this machine: `backend` has the verbs, a small process starts the jobs."""
