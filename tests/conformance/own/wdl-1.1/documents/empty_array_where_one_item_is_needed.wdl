version 1.1

workflow w {
  Int n = 0
  output {
    Array[Int]+ xs = range(n)
  }
}
