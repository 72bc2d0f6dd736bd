version 1.2

task t {
  command <<<
    echo ~{task.attempt}
  >>>
  output {
    Int attempt = read_int(stdout())
  }
  requirements {
    container: ["ubuntu:latest", "debian:12-slim"]
    cpu: 0.5
    memory: "256 MiB"
    max_retries: 1
    return_codes: [0, 1]
  }
  hints {
    short_task: true
    max_cpu: 1
    anything: { "k": [1, 2] }
    inputs: input {
      n: hints {
        about: "x"
      }
    }
  }
}
