version 1.2

workflow w {
  output {
    Array[Int] a = values({ "z": 1, "a": 2 })
    Array[String] b = values({ 1: "x" })
  }
}
