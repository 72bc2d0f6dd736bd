version 1.1

task t {
  input {
    String a = out
  }
  command <<< echo ~{out} >>>
  output {
    String out = a
    String again = out
  }
  runtime {
    docker: out
  }
}
