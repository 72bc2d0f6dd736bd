version 1.1

import "lib_deep.wdl" as deep

workflow one {
  Deep d = Deep { n: 1 }
  output {
    Int y = d.n
  }
}
