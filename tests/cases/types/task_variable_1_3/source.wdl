version 1.3

task t {
  command <<<
    echo ~{task.max_retries} ~{task.previous.cpu} ~{task.previous.nothing}
  >>>
  requirements {
    memory: if task.attempt > 0 then select_first([task.previous.memory, 1]) * 2 else 1024
    cpu: task.cpu
  }
}
