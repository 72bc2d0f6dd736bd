version 1.3

enum Color {
  red,
  green,
  blue,
}

workflow lib {
  input {
    Color c
  }
  output {
    String text = "~{c}"
  }
}
