version 1.0

workflow w {
  Map[String, Int] m = { "a": 1 }
  output {
    Int c = m["x"]
  }
}
