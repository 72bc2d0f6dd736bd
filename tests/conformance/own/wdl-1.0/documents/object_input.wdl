version 1.0

workflow w {
  input {
    Object o
  }
  output {
    Int a = o.a
    Array[Object] all = [o, o]
  }
}
