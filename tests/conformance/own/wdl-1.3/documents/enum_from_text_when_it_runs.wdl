version 1.3

enum Color {
  red,
  green,
  blue,
}

workflow w {
  output {
    Color c = read_string("data/color.txt")
    String s = Color.red
  }
}
