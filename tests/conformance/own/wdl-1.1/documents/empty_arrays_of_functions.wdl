version 1.1

workflow w {
  output {
    Array[Int] a = range(0)
    Array[Array[Int]] b = transpose([])
    Array[Pair[Int, Int]] c = cross([], [1])
    Array[Int] d = flatten([])
    Array[Int] e = select_all([None])
  }
}
