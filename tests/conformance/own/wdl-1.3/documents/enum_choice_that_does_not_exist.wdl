version 1.3

enum Color {
  red,
  green,
  blue,
}

workflow w {
  output {
    Color y = Color.yellow
  }
}
