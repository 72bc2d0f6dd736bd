version 1.2

task fine {
  input {
    Int? size
  }
  command <<< >>>
  requirements {
    container: "*"
    cpu: 0.5
    memory: "6.2 GiB"
    disks: ["/mnt/a 4 GiB", "/mnt/b 10", "7"]
    max_retries: 0
    return_codes: [0, 1]
  }
}

task wrong {
  command <<< >>>
  requirements {
    container: []
    cpu: 0
    memory: "2 XB"
    disks: ["4 GiB", "5"]
    max_retries: -1
    return_codes: "none"
  }
}

task wrong_too {
  command <<< >>>
  requirements {
    docker: ""
    memory: -1
    disks: "here 4 GiB"
    maxRetries: 1.5
    return_codes: ["0"]
    gpu: "one"
  }
}

task disk_twice {
  command <<< >>>
  requirements {
    disks: ["/mnt 4 GiB", "/mnt 5 GiB"]
  }
}

task two_names {
  command <<< >>>
  requirements {
    maxRetries: 1
    max_retries: 2
    prempt: 1
  }
}

task known_when_it_runs {
  input {
    String memory
    Int number
  }
  command <<< >>>
  requirements {
    memory: "~{memory} XB"
    cpu: number
  }
}

task older_attributes {
  command <<< >>>
  runtime {
    docker: "a"
    container: "b"
    cpu: "two"
    memory: "2 XB"
    disks: "local-disk 100 HDD"
    preemptible: "many"
  }
}

task other_kinds {
  command <<< >>>
  runtime {
    docker: 5.5
    cpu: true
    memory: [1]
  }
}
