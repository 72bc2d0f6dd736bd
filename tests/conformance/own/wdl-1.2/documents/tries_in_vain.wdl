version 1.2

task t {
  command <<<
    exit 1
  >>>
  output {
    Int x = 1
  }
  requirements {
    max_retries: 1
  }
}
