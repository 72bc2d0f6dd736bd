version 1.1

workflow w {
  output {
    Array[String] x = prefix("-i ", [["a", "b"], ["c", "d"]])
  }
}
