version 1.2

task t {
  command <<<
    test ~{task.attempt} -eq 2 || exit 1
    echo ~{task.attempt}
  >>>
  output {
    Int attempt = read_int(stdout())
  }
  requirements {
    max_retries: 2
  }
}
