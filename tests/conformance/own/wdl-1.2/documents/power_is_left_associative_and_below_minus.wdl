version 1.2

workflow w {
  output {
    Int a = 2 ** 3 ** 2
    Int b = -2 ** 2
    Int c = 2 * 3 ** 2
    Float d = 2 ** 0.5
    Float e = 2.0 ** -1
    Int f = 0 ** 0
  }
}
