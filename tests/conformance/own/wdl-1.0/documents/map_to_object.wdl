version 1.0

workflow w {
  Map[String, Int] m = { "a": 1, "b": 2 }
  output {
    Object o = m
  }
}
