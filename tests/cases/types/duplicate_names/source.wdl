version 1.3

import "lib.wdl" as lib
import "lib.wdl" as lib

struct Twice {
  Int a
  String a
}

enum Color { Red, Green, Red }

task lib {
  command <<< >>>
}

task t {
  input {
    Int x
  }
  String x = "again"
  command <<< >>>
  output {
    Int x = 1
  }
}

workflow w {
  input {
    Array[Int] items
    Boolean go
  }
  call t { x = 1 }
  scatter (item in items) {
    Int inner = item
    scatter (item in items) {
      Int innermost = item
    }
  }
  scatter (item in items) {
    Int reused = item
  }
  if (go) {
    Int inner = 1
    call t { x = 2 }
  }
}
