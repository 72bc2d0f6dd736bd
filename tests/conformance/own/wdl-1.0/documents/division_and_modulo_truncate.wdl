version 1.0

workflow w {
  output {
    Int a = -7 / 2
    Int b = -7 % 2
    Int c = 7 / -2
    Float d = 7 / 2.0
  }
}
