version 1.2

task t {
  input {
    env String text
  }
  command <<<
    printf "%s" "$text"
  >>>
  output {
    String out = read_string(stdout())
  }
}
