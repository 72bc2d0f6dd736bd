version 1.0

workflow w {
  if (true) {
    Int a = 1
  } else {
    Int a = 2
  }
  output {
    Int? x = a
  }
}
