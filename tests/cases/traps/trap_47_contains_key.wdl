version 1.2

struct S {
  Int a
  Int? b
}

workflow w {
  S s = S { a: 1 }
  Object o = object { a: 1, b: None, d: object { e: 1 } }

  output {
    Array[Boolean] known = [contains_key(s, "b"), contains_key(o, "b"), contains_key(o, "c"), contains_key(o, ["b", "x"]), contains_key(o, ["d", "e"]), contains_key({"a": None}, "a")]
  }
}
