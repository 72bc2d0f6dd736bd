# comment
version   # which?
task t {}
