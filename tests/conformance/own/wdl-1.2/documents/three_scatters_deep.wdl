version 1.2

workflow w {
  scatter (a in ["x", "y"]) {
    scatter (b in [1, 2]) {
      scatter (d in range(b)) {
        String s = "~{a}~{b}~{d}"
        Array[Int] zs = range(d)
      }
    }
  }
  output {
    Array[Array[Array[String]]] x = s
    Array[Array[Array[Array[Int]]]] y = zs
  }
}
