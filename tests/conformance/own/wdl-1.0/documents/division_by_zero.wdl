version 1.0

workflow w {
  Int zero = 0
  output {
    Int a = 1 / zero
  }
}
