version 1.2

workflow w {
  Int n = 0
  output {
    Array[Array[Int]] a = chunk([1], n)
  }
}
