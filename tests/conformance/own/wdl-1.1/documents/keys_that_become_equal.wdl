version 1.1

workflow w {
  output {
    Map[Float, String] m = { 9007199254740992: "a", 9007199254740993: "b" }
  }
}
