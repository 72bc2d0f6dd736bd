version 1.3

enum Twice {
  a,
  a
}

workflow w {
  output {
    Int x = 1
  }
}
