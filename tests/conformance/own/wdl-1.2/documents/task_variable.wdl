version 1.2

task t {
  meta {
    about: "a task"
    list: [1, 2]
  }
  command <<<
    echo "~{task.name} ~{task.meta.about} ~{task.attempt}"
    exit 3
  >>>
  output {
    String out = read_string(stdout())
    Int? code = task.return_code
    Boolean memory = task.memory >= 1048576
    Boolean cpu = task.cpu >= 1
  }
  requirements {
    cpu: 1
    memory: "1 MiB"
    return_codes: "*"
  }
}
