version 1.3

enum Color {
  red,
  green,
  blue,
}

workflow w {
  input {
    Color x = Color.blue
  }
  output {
    Color a = Color.green
    String b = "~{Color.red}"
    Boolean c = Color.red == Color.red
    Boolean d = x != Color.red
    String e = value(Color.blue)
    Color f = (Color).blue
    Array[Color] g = [Color.red, x]
  }
}
