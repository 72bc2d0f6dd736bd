version 1.1

enum E {
  a,
}

workflow w {
  output {
    Int x = 1
  }
}
