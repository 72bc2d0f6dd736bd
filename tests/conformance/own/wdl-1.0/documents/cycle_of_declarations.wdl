version 1.0

workflow w {
  Int a = b
  Int b = a
  output {
    Int c = a
  }
}
