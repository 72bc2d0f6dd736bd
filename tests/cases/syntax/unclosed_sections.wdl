version 1.1

task a {
  input {
    String x
  command <<<
    echo ~{x}
  >>>
  output {
    String y = read_string(stdout())

  runtime {
    docker: "ubuntu"
  }
}

workflow b {
  call a { input: x = "1"
  call a as c { input: x = "2" }
  scatter (i in [1, 2]) {
    call a as d { input: x = "3" }

task e {
  command <<< >>>
}
