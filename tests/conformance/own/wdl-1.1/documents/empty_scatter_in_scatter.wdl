version 1.1

workflow w {
  scatter (n in [0, 2, 0]) {
    scatter (i in range(n)) {
      Int x = i
    }
  }
  output {
    Array[Array[Int]] a = x
  }
}
