"""Work: from `Job` to `Result`; one room per backend, and beside them what all share."""
