version 1.1

workflow w {
  Array[Int] xs = [1, 2]
  output {
    Array[Pair[Int, Int]] a = zip([1], xs)
  }
}
