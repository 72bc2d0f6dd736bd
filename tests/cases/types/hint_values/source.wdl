version 1.2

task fine {
  input {
    File bam
    Int? most
  }
  command <<< >>>
  output {
    File out = "out"
  }
  hints {
    max_cpu: most
    max_memory: "10 GiB"
    disks: {"/mnt": "SSD"}
    gpu: 2
    fpga: "model"
    short_task: true
    localization_optional: false
    inputs: input { bam: hints { localization_optional: true } }
    outputs: output { out: hints { note: "x" } }
    of_an_engine: [1, 2]
  }
}

task wrong {
  input {
    File bam
  }
  command <<< >>>
  output {
    File out = "out"
  }
  hints {
    max_cpu: "many"
    maxMemory: "10 XiB"
    disks: 5
    gpu: true
    short_task: 1
    localizationOptional: "yes"
    inputs: input { bamm: hints { localization_optional: true } }
    outputs: { "out": 1 }
    max_memory: 0
  }
}

workflow w {
  hints {
    allow_nested_inputs: true
    anything: { mixed: [1, "a", { deeper: 1.5 }] }
  }
}
