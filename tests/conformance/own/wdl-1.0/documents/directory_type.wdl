version 1.0

workflow w {
  input {
    Directory? d
  }
  output {
    Int x = 1
  }
}
