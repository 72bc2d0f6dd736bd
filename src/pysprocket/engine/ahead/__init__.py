"""Looking ahead: what can be known of a run before anything of it is started."""
