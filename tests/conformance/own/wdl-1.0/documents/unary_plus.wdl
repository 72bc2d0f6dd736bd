version 1.0

workflow w {
  output {
    Int a = +3
    Int b = 2 - +1
    Float c = +1.5
  }
}
