version 1.1

import "lib_a.wdl" as a
import "lib_b.wdl" as b

workflow w {
  output {
    Int x = 1
  }
}
