version 1.0

struct Names {
  String first
  String last
}

workflow w {
  output {
    Names n = { "first": "Ada", "last": "Lovelace" }
  }
}
