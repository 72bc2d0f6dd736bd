version 1.2

workflow w {
  output {
    Array[Array[Int]] a = chunk([1, 2, 3, 4, 5], 2)
    Array[Array[Int]] b = chunk([], 3)
    Array[Array[Int]] c = chunk([1], 5)
  }
}
