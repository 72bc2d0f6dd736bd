version 1.1

struct S {
  Int n
  meta {
    x: 1
  }
}

workflow w {
  output {
    Int x = 1
  }
}
