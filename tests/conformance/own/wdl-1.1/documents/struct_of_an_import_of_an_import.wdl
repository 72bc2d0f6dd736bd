version 1.1

import "lib_outer.wdl" as outer

workflow w {
  output {
    Deep d = Deep { n: 1 }
  }
}
