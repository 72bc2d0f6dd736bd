version 1.3

task t {
  command <<<
    echo ~{defined(task.previous.cpu)} ~{defined(task.previous.memory)} ~{defined(task.previous.container)}
  >>>
  output {
    String out = read_string(stdout())
  }
}
