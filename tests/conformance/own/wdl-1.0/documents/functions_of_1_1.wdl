version 1.0

workflow w {
  output {
    Int a = min(1, 2)
    Array[String] b = suffix(".x", ["a"])
    Array[Pair[String, Int]] c = as_pairs({ "k": 1 })
  }
}
