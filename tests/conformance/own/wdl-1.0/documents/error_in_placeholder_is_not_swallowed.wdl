version 1.0

workflow w {
  input {
    String? x
  }
  output {
    String s = "~{select_first([x])}"
  }
}
