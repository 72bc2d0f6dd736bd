version 1.0

import "lib_newer.wdl" as lib

workflow w {
  output {
    Int x = 1
  }
}
