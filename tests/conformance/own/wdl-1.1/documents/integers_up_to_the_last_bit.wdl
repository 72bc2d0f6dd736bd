version 1.1

workflow w {
  input {
    Int x
  }
  output {
    Int a = x
    Int b = -9223372036854775807 - 1
  }
}
