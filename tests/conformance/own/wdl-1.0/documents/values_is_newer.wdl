version 1.0

workflow w {
  output {
    Array[Int] a = values({ "k": 1 })
  }
}
