version 1.1

import "lib_deep.wdl" as deep

workflow two {
  Deep d = Deep { n: 2 }
  output {
    Int y = d.n
  }
}
