version 1.2

import "lib_null.wdl" as lib

workflow w {
  String? nothing = None
  call lib.sub as x { optional = nothing, plain = nothing }
  call lib.sub as y
  output {
    Array[String] a = x.out
    Array[String] b = y.out
  }
}
