version 1.1

workflow w {
  scatter (i in [1]) {
    Int a = i
  }
  scatter (i in [2]) {
    Int b = i
  }
  output {
    Array[Int] y = a
    Array[Int] z = b
  }
}
