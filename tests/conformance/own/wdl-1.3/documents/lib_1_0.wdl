version 1.0

workflow lib {
  output {
    Int n = 0
  }
}
