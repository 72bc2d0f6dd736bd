version 1.0

workflow w {
  output {
    String a = "~{1.5}"
    String b = "~{1e-10}"
    String c = "~{3.0 * 2}"
    Float d = 0.1234567891234
  }
}
