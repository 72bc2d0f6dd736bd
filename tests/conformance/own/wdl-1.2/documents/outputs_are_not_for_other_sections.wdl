version 1.2

task t {
  command <<<
    echo ~{x}
  >>>
  output {
    Int x = 1
  }
}
