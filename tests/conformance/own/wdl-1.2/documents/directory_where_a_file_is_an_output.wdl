version 1.2

task t {
  command <<<
    mkdir x
  >>>
  output {
    File d = "x"
  }
}
