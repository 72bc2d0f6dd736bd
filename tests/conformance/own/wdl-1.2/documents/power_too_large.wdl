version 1.2

workflow w {
  Int n = 63
  output {
    Int a = 2 ** n
  }
}
