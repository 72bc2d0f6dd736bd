version 1.3

workflow w {
  String p = "("
  output {
    Array[String] a = split("a", p)
  }
}
