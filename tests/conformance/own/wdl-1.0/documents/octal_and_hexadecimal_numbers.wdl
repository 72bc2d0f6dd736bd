version 1.0

workflow w {
  output {
    Int a = 0x1F
    Int b = 017
    Float c = .5
    Float d = 1.
    Float e = 15E-1
  }
}
