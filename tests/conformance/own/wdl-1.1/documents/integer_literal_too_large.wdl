version 1.1

workflow w {
  output {
    Int a = 9223372036854775808
  }
}
