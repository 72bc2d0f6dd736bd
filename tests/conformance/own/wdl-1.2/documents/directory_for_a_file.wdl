version 1.2

task t {
  input {
    File f
  }
  command <<<
    true
  >>>
  output {
    Int x = 1
  }
}
