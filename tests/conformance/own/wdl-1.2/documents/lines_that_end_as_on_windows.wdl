version 1.2

task t {
  command <<<
    if true; then
      echo "a b"
    fi
  >>>
  output {
    Array[String] x = read_lines(stdout())
    String y = "one"
  }
}
