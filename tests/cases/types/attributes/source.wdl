version 1.2

task known {
  input {
    Int cores
    String? image
  }
  command <<< >>>
  requirements {
    container: ["a", "b"]
    cpu: cores * 2
    memory: "~{cores} GiB"
    disks: ["/mnt 10 GiB"]
    return_codes: "*"
  }
  hints {
    max_cpu: 8
    anything: "goes"
    inputs: input {
      cores: hints {
        note: "x"
      }
    }
  }
}

task mistakes {
  input {
    Int cores
  }
  command <<< >>>
  requirements {
    cpus: 2
    preemptible: 3
    container: 5.5
    docker: "a"
    memory: [1]
    gpu: "yes"
    max_retries: unknown
  }
}

task old {
  command <<< >>>
  runtime {
    docker: ["a"]
    cpu: "2"
    preemptible: 3
    gpu: 1
    bootDiskSizeGb: 10
    memory: [1]
  }
}
