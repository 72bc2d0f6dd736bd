version 1.0

workflow w {
  input {
    Float x
  }
  output {
    Float copy = x
    String text = "~{x}"
  }
}
