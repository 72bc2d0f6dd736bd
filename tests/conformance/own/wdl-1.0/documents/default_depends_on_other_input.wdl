version 1.0

workflow w {
  input {
    Int b = a * 2
    Int a = 4
  }
  output {
    Int c = b
  }
}
