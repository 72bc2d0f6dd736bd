version 1.3

enum Sum[Int] {
  a = "x"
}

workflow w {
  output {
    Int x = 1
  }
}
