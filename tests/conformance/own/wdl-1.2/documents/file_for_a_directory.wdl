version 1.2

task t {
  input {
    Directory d
  }
  command <<<
    true
  >>>
  output {
    Int x = 1
  }
}
