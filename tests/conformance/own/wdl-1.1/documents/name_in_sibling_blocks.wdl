version 1.1

workflow w {
  scatter (i in [1]) {
    Int x = i
  }
  if (true) {
    Int x = 2
  }
  output {
    Int y = 1
  }
}
