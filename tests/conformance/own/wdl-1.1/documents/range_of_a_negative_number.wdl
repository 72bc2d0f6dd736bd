version 1.1

workflow w {
  Int n = -1
  output {
    Array[Int] a = range(n)
  }
}
