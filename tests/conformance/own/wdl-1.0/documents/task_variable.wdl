version 1.0

task t {
  command <<<
    echo ~{task.name}
  >>>
}
