version 1.0

workflow w {
  Pair[Array[Int], Map[String, String]] p = ([1, 2], { "k": "v" })
  output {
    Int a = p.left[1]
    String b = p.right["k"]
    Int c = [10, 20, 30][2]
  }
}
