version 1.0

workflow w {
  output {
    Array[String] a = split("a b", " ")
  }
}
