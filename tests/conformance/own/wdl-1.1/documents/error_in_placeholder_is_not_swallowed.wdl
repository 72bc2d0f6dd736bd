version 1.1

workflow w {
  input {
    String? x
  }
  output {
    String s = "~{select_first([x])}"
  }
}
