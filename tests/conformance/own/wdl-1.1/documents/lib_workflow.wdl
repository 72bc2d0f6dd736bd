version 1.1

workflow lib {
  output {
    Int y = 5
  }
}
