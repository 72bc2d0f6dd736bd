version 1.2

task t {
  command <<<
    true
  >>>
  output {
    Int x = 1
  }
  hints {
    max_cpu: 1
  }
}
