version 1.2

import "lib_code.wdl" as lib

workflow w {
  call lib.sub as inner
  output {
    Int x = inner.x
  }
}
