version 1.3

import "lib_1_0.wdl" as one
import "lib_1_1.wdl" as two
import "lib_1_2.wdl" as three

workflow w {
  call one.lib as a
  call two.lib as b
  call three.lib as c
  output {
    Int x = a.n + b.n + c.n
  }
}
