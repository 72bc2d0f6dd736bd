version 1.0

workflow w {
  input {
    Int number = 1
  }
  output {
    Int copy = number
  }
}
