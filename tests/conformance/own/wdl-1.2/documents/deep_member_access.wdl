version 1.2

struct A {
  Map[String, Array[B]] m
}

struct B {
  Pair[Int, B2] p
}

struct B2 {
  String? s
}

workflow w {
  A a = A { m: { "k": [B { p: (1, B2 { s: "deep" }) }] } }
  output {
    String? x = a.m["k"][0].p.right.s
    Int y = a.m["k"][0].p.left
  }
}
