version 1.2

workflow w {
  Int a = 9223372036854775807
  Int b = -9223372036854775808
  Int c = 9223372036854775808
  Int d = -9223372036854775809
  Int e = 0xFFFFFFFFFFFFFFFFF
  Int f = 089
  Int g = 12abc
  Float h = 1e999
  Float i = 1.2.3
  String j = "\u12 \uD800 \U00110000 \xZZ \q"
  String? k??
  Int+ l = 1
  Array m = []
  Map[String] n = {}
  Pair[Int, Int, Int] o = (1, 2)
  String[Int] p = ""
  Int q
  output {
    Int r
  }
  hints {
    allow_nested_inputs: 1 + 2
    nested: { a: [1, "x", { b: true }] }
    text: "~{a}"
  }
}

task t {
  output { env Int x = 1 }
}

struct S {
  Int x = 3
}

import "~{a}.wdl"

version 1.2
