version 1.1

import "lib_circle.wdl" as circle

workflow w {
  output {
    Int x = 1
  }
}
