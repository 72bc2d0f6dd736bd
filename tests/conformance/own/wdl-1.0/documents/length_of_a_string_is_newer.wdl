version 1.0

workflow w {
  input {
    Int? x
  }
  output {
    Int a = length("abc")
  }
}
