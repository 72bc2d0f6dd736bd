version 1.0

workflow w {
  Int big = 9223372036854775807
  output {
    Int a = big + 1
  }
}
