version 1.0

workflow w {
  Int a = 1
  output {
    Int x = a
  }
}
