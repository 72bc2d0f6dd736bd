version 1.3

task t {
  command <<<
    echo "~{task.attempt} ~{task.memory} ~{task.max_retries}"
    exit ~{if task.attempt == 0 then 1 else 0}
  >>>
  output {
    String out = read_string(stdout())
    Int code = task.return_code
  }
  requirements {
    memory: select_first([task.previous.memory, 50000000]) * 2
    max_retries: 1
  }
}
