version 1.1

workflow w {
  output {
    Float a = 1.5E-2
    Float b = 0.1 + 0.2
    String c = "~{0.1 + 0.2}"
    Float d = 1e300 * 10
  }
}
