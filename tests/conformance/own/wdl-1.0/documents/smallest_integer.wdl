version 1.0

workflow w {
  output {
    Int a = -9223372036854775808
  }
}
