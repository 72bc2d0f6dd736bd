version 1.2

workflow w {
  scatter (p in as_pairs({ "a": 1, "b": 2 })) {
    String s = p.left + p.right
  }
  output {
    Array[String] x = s
  }
}
