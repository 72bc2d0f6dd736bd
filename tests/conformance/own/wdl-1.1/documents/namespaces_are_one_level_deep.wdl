version 1.1

import "lib_middle.wdl" as middle

workflow w {
  call middle.inner.t
  output {
    Int x = 1
  }
}
