version 1.2

workflow w {
  output {
    Boolean a = 1 + 2 * 3 == 7 && !false || 1 / 0 == 1
    Int b = if true then 1 else 2 + 10
    Boolean d = true || false && false
    Boolean e = 1 < 2 == true
    Int f = 2 - 3 - 4
    Int g = -(-3)
  }
}
