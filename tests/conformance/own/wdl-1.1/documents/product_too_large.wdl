version 1.1

workflow w {
  Int x = 4294967296
  output {
    Int a = x * x
  }
}
