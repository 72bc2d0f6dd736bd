version 1.0

workflow w {
  output {
    String a = "x" + 1
    String b = 2 + "x"
    String c = "x" + 1.5
  }
}
