version 1.0

workflow w {
  Object o = object { a: 1, b: "x" }
  output {
    Int a = o.a
    String b = o.b
    Object whole = o
  }
}
