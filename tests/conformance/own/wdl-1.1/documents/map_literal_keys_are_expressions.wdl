version 1.1

workflow w {
  String name = "a"
  output {
    Map[String, Int] m = { name: 1, "b": 2 }
  }
}
