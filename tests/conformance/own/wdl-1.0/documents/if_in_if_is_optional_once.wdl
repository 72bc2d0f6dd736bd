version 1.0

workflow w {
  if (true) {
    if (false) {
      Int inner = 1
    }
  }
  output {
    Int? x = inner
    Int y = select_first([inner, 7])
  }
}
