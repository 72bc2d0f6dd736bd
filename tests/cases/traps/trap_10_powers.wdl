version 1.2


workflow w {
  input {  }

  output {
    Array[Int] powers = [-2 ** 2, 2 ** 3 ** 2, 2 * 3 ** 2, 10 - 2 ** 3]
    Float half = 2 ** -1.0
  }
}
