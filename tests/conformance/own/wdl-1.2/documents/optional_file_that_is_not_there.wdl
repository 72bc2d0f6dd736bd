version 1.2

task t {
  input {
    File? there
  }
  command <<<
    true
  >>>
  output {
    File? a = "no.txt"
    Boolean b = defined(a)
    Array[File] c = select_all([a, there])
  }
}
