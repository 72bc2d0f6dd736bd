version 1.3

enum Color {
  red,
  green,
  blue,
}

workflow w {
  input {
    Color x
  }
  output {
    Color y = x
  }
}
