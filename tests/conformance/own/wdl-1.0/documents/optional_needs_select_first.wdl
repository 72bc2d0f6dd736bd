version 1.0

workflow w {
  input {
    Int? x
    Int? y = 2
  }
  output {
    Int a = select_first([x, 5])
    Array[Int] b = select_all([x, 1, y])
    Int? c = x
  }
}
