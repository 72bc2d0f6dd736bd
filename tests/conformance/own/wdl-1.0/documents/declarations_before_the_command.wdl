version 1.0

task t {
  input {
    Int n
  }
  Int twice = n * 2
  command {
    echo ${twice}
  }
  output {
    Int out = read_int(stdout())
    Int more = out + twice
  }
}
