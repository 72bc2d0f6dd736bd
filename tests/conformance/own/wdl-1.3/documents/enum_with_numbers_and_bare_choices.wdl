version 1.3

enum Mixed {
  a = 1,
  b
}

workflow w {
  output {
    Int x = 1
  }
}
