version 1.2

task t {
  command <<<>>>
  requirements {
    memory: if task.attempt > 0 then 2000000 else 1000000
  }
}
