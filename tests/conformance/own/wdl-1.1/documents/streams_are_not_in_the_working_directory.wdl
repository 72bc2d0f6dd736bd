version 1.1

task t {
  command <<<
    echo out; echo err >&2; cat ~{write_lines(["x"])} > /dev/null
  >>>
  output {
    Array[File] files = glob("*")
    String out = read_string(stdout())
    String err = read_string(stderr())
  }
}
