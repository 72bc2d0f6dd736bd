version 1.1

workflow w {
  input {
    Int? x
  }
  output {
    Int y = x + 1
  }
}
