version 1.1

workflow w {
  output {
    Int x = 2 ** 3
  }
}
