version 2.0
task { this is not read
