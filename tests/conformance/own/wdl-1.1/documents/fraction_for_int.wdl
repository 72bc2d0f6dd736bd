version 1.1

workflow w {
  input {
    Int x
  }
  output {
    Int a = x
  }
}
