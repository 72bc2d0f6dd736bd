version 1.0

struct Names {
  String first
  String last
}

workflow w {
  Map[String, String] m = { "last": "Lovelace", "first": "Ada" }
  output {
    Names n = m
  }
}
