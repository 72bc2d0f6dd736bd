version 1.0

workflow w {
  output {
    String? a = find("ab", "b")
  }
}
