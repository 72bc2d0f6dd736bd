version 1.3

struct Color {
  Int n
}

enum Color {
  red,
  green,
  blue,
}

workflow w {
  output {
    Int x = 1
  }
}
