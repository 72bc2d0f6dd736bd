version 1.1

workflow w {
  output {
    Map[String, Int] a = as_map([("x", 1), ("y", 2)])
    Array[Pair[String, Int]] b = as_pairs({ "q": 1, "p": 2 })
    Array[String] c = keys({ "q": 1, "p": 2 })
    Map[String, Array[Int]] d = collect_by_key([("b", 1), ("a", 2), ("b", 3)])
    Pair[Array[Int], Array[String]] e = unzip([(1, "a"), (2, "b")])
  }
}
