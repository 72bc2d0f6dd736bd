version 1.2

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
