version 1.3

workflow lib {
  output {
    Int n = 3
  }
}
