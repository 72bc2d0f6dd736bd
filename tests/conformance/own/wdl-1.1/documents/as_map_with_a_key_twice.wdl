version 1.1

workflow w {
  output {
    Map[String, Int] a = as_map([("x", 1), ("x", 2)])
  }
}
