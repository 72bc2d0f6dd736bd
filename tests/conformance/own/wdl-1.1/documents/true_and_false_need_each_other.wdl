version 1.1

task t {
  input {
    Boolean b = true
  }
  command <<<
    echo ~{true="x" b}
  >>>
}
