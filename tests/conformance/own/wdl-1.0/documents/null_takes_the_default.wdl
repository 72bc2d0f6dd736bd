version 1.0

workflow w {
  input {
    Int x = 3
    Int? y = 4
  }
  output {
    Int a = x
    Int? b = y
  }
}
