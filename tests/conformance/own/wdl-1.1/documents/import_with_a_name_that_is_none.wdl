version 1.1

import "lib-dash.wdl"

workflow w {
  output {
    Int x = 1
  }
}
