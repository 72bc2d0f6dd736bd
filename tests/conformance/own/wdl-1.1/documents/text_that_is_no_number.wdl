version 1.1

workflow w {
  input {
    String s = "x1"
  }
  output {
    Int i = s
  }
}
