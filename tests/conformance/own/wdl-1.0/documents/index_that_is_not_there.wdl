version 1.0

workflow w {
  Array[Int] xs = [1, 2, 3]
  output {
    Int c = xs[3]
  }
}
