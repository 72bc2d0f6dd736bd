version 1.1

workflow w {
  output {
    Int a = round(-1.5)
    Int b = round(2.5)
    Int c = round(-2.5)
    Int d = round(-0.5)
    Int e = round(0.49999999999999994)
  }
}
