version 1.0

workflow w {
  scatter (i in [1, 2]) {
    scatter (j in range(i)) {
      Int product = i * 10 + j
    }
  }
  output {
    Array[Array[Int]] p = product
  }
}
