version 1.1

task t {
  command <<<>>>
  output {
    Int x = 1
    String out = read_string(stdout())
  }
}
