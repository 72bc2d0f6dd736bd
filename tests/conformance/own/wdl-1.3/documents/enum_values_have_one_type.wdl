version 1.3

enum Mixed {
  a = 1,
  b = 2.5
}

enum Files[Array[Int]] {
  few = [1],
  many = [1, 2, 3]
}

workflow w {
  output {
    Float x = value(Mixed.a)
    Int n = length(value(Files.many))
    Mixed m = Mixed.b
  }
}
