version 1.2

task t {
  input { File five }
  command <<<>>>
  requirements { memory: "0.1 GB" }
  output {
    Int memory = task.memory
    Array[Float] sizes = [size(five), size(five, "KB"), size(five, "kib"), size([five, five], "B")]
  }
}
