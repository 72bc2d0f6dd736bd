version 1.2

task t {
  command <<<
    true
  >>>
  output {
    Int x = 1
  }
  requirements {
    container: "a"
    docker: "b"
  }
}
