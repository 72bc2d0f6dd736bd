version 1.2

workflow w {
  Array[Int] xs = [1, 2, 3]
  output {
    Int a = xs[length(xs) - 1]
    Int b = 7 % -3
    Float d = 5.5 % 2
    Int e = xs[-1 + 1]
  }
}
