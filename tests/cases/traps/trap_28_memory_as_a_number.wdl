version 1.2

task t {
  command <<<>>>
  requirements { memory: 104857600 }
  output { Int memory = task.memory }
}
