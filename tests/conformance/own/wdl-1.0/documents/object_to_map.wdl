version 1.0

workflow w {
  Object o = object { a: 1, b: 2 }
  output {
    Map[String, Int] m = o
  }
}
