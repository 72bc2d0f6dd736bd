version 7.0

workflow w {
  output {
    Int a = 1
  }
}
