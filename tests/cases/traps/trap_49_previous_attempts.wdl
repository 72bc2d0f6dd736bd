version 1.3

task t {
  command <<< [ ~{task.attempt} = 2 ] >>>
  requirements {
    max_retries: 3
    memory: select_first([task.previous.memory, 50000000]) * 2
  }
  output { Int attempt = task.attempt  Int memory = task.memory }
}
