version 1.3

workflow w {
  Int x = 1
  if (true) {
    Int x = 2
  } else {
    Int x = 3
  }
  output {
    Int a = 1
  }
}
