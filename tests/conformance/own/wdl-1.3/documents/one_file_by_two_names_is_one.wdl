version 1.3

task t {
  input {
    File a
    File b
  }
  command <<<
    test "~{a}" = "~{b}" && echo yes
  >>>
  output {
    String out = read_string(stdout())
    Boolean same = a == b
  }
}
