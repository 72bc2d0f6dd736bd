version 1.1

workflow w {
  input {
    Array[Int]? xs
  }
  scatter (i in xs) {
    Int a = i
  }
  output {
    Array[Int] y = a
  }
}
