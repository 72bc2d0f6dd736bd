version 1.0

workflow w {
  output {
    Boolean a = matches("ab", "b")
  }
}
