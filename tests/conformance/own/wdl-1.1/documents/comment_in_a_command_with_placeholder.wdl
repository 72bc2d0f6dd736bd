version 1.1

task t {
  input {
    Int n = 1
  }
  command <<<
    # not ~{n + 1} but
    echo ~{n}
  >>>
  output {
    Int x = read_int(stdout())
  }
}
