version 1.3

enum Color {
  red,
  green,
  blue,
}

enum Level[Int] {
  low = 1,
  high = 10
}

workflow w {
  input {
    Color x
    Map[String, Color] m
    Level l
  }
  output {
    Color y = x
    Map[String, Color] z = m
    Int n = value(l)
  }
}
