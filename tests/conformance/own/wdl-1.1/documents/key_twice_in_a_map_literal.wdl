version 1.1

workflow w {
  String k = "a"
  output {
    Map[String, Int] m = { k: 1, "a": 2 }
  }
}
