version 1.0

import "lib_greet.wdl" as lib

workflow w {
  scatter (i in [1, 2]) {
    call lib.sub as inner
  }
  output {
    Array[String] said = inner.said
  }
}
