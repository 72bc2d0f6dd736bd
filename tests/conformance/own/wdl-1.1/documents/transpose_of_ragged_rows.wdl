version 1.1

workflow w {
  Array[Array[Int]] xs = [[1, 2], [3]]
  output {
    Array[Array[Int]] a = transpose(xs)
  }
}
