version 1.2

workflow w {
  output {
    Array[String] a = split("a b", " ")
  }
}
