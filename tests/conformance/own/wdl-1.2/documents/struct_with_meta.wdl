version 1.2

struct S {
  Int n
  meta {
    about: "x"
  }
  parameter_meta {
    n: "a number"
  }
}

workflow w {
  output {
    S s = S { n: 1 }
  }
}
