version 1.1

task t {
  input {
    env String x = "a"
  }
  command <<<>>>
}
