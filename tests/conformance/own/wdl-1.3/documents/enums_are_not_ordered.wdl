version 1.3

enum Color {
  red,
  green,
  blue,
}

workflow w {
  output {
    Boolean b = Color.red < Color.blue
  }
}
