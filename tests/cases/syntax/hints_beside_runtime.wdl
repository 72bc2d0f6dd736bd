version 1.2

task a {
  command <<< >>>
  runtime {
    cpu: 1
    docker: "ubuntu:22.04"
  }
  hints {
    max_cpu: 2
  }
}
