version 1.1

workflow lib {
  output {
    Int n = 1
  }
}
