version 1.2

task t {
  command <<<
    true
  >>>
  output {
    Int x = 1
  }
  requirements {
    cpu: 1
  }
  runtime {
    memory: 1000
  }
}
