version 1.1

workflow w {
  input {
    Int? x
    Int? y
  }
  output {
    Int a = select_first([x, y])
  }
}
