version 1.0

task t {
  input {
    String x
  }
  command <<<
    y=shell
    echo "${y} ~{x}"
  >>>
  output {
    String out = read_string(stdout())
  }
}
