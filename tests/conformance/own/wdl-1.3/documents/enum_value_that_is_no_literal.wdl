version 1.3

enum Sum[Int] {
  a = 1 + 1
}

workflow w {
  output {
    Int x = 1
  }
}
