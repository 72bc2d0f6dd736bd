"""Jobs as containers of a Docker Engine: `backend` has the verbs, `api` the requests."""
