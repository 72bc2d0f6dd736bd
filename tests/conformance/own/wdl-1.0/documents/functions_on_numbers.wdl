version 1.0

workflow w {
  output {
    Int a = floor(-1.5)
    Int b = ceil(-1.5)
    Int c = round(-1.5)
    Int d = round(2.5)
    Int e = round(1.49)
  }
}
