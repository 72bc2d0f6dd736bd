version 1.0

enum Color {
  red,
  green
}

workflow w {
  output {
    Int x = 1
  }
}
