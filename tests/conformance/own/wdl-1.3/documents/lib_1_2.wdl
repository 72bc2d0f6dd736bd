version 1.2

workflow lib {
  output {
    Int n = 2
  }
}
