"""Work: from `Job` to `Result`; one file per backend."""
