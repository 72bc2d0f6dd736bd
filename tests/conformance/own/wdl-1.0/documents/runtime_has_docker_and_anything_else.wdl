version 1.0

task t {
  command {
    echo ok
  }
  output {
    String out = read_string(stdout())
  }
  runtime {
    docker: "ubuntu:latest"
    memory: "512 MB"
    cpu: "1"
    preemptible: 3
    bootDiskSizeGb: 15
    zones: ["a", "b"]
    disks: "local-disk " + 1 + " HDD"
  }
}
