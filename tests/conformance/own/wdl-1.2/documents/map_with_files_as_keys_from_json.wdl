version 1.2

task t {
  input {
    Map[File, Array[Int]] m
  }
  command <<<
    cat ~{sep=' ' keys(m)}
  >>>
  output {
    Array[String] x = read_lines(stdout())
    Map[File, Array[Int]] same = m
  }
}
