version 1.2

task t {
  command <<< >>>
  output {
    Float cpu = task.cpu
  }
  runtime {
    cpu: 64
    memory: "500 MB"
    cpu: 1
  }
  hints {
    max_cpu: 2
  }
}
