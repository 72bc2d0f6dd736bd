version 1.2

task t {
  command <<<>>>
  requirements { memory: "2 GB" }
  output { Int memory = task.memory  Float cpu = task.cpu }
}

workflow w {
  call t as first
  output { Int memory = first.memory  Float cpu = first.cpu }
}
