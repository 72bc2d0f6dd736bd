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
  output {
    Boolean b = Color.red == Level.low
  }
}
