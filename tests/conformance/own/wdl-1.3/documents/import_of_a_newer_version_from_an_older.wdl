version 1.2

import "lib_1_3.wdl" as newer

workflow w {
  call newer.lib
  output {
    Int x = lib.n
  }
}
