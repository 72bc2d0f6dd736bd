version 1.2

enum E {
  a,
}

workflow w {
  output {
    Int x = 1
  }
}
