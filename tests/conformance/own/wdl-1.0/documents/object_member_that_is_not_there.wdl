version 1.0

workflow w {
  Object o = object { a: 1 }
  output {
    Int c = o.c
  }
}
