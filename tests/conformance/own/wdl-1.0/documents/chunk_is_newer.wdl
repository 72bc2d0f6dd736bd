version 1.0

workflow w {
  output {
    Array[Array[Int]] a = chunk([1], 1)
  }
}
