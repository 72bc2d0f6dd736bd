version 1.2

workflow w {
  input {
    Int? x
  }
  output {
    Int a = select_first([x, None], 5)
    Int b = select_first([], 6)
    Int c = select_first([x, 2], 5)
  }
}
