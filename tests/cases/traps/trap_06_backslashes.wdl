version 1.1

task t {
  command <<<
    echo 'a\\b\n\t'
    printf '%s\n' "it's"
  >>>
  output {
    Array[String] lines = read_lines(stdout())
    String dots = sub("a.b", "\\.", "-")
    String slash = sub("a\\b", "\\\\", "/")
    String quotes = "it\'s \"\x41\u00e9\""
  }
}
