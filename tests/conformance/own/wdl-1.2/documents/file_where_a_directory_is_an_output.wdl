version 1.2

task t {
  command <<<
    touch x
  >>>
  output {
    Directory d = "x"
  }
}
