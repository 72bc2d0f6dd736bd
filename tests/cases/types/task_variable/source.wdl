version 1.2

task t {
  input {
    String name = task.name
  }
  command <<<
    echo ~{task.cpu} ~{task.nothing} ~{task.previous.memory} ~{task.return_code} ~{task}
  >>>
  requirements {
    cpu: task.attempt
  }
  output {
    Int code = task.return_code
    Map[String, Int] disks = task.disks
    Float wrong = task.name
  }
}

workflow w {
  String no = task.name
}
