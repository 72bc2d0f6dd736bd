version 1.1

workflow w {
  output {
    Array[String] x = suffix(".x", [["a", "b"], ["c", "d"]])
  }
}
