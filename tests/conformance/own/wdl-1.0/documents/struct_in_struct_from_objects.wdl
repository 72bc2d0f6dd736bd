version 1.0

struct Inner {
  Array[Int] values
}

struct Outer {
  Inner inner
  String label
}

workflow w {
  output {
    Outer o = object { inner: object { values: [1, 2] }, label: "x" }
    Int second = o.inner.values[1]
  }
}
