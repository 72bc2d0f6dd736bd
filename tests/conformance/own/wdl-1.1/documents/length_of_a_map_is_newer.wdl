version 1.1

workflow w {
  output {
    Int a = length({ "k": 1 })
  }
}
