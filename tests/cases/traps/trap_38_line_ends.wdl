version 1.0

task t {
  command <<< printf 'a\r\nb \n\n' ; printf 'x\ny' > last >>>
  output {
    String text = read_string(stdout())
    Array[String] lines = read_lines(stdout())
    Array[String] last = read_lines("last")
  }
}
