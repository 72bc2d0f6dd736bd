"""Settings as frozen structs: finding, merging and explaining `sprocket.toml`."""
