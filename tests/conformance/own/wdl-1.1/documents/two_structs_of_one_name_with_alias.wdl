version 1.1

import "lib_a.wdl" as a
import "lib_b.wdl" as b alias Thing as Other

workflow w {
  output {
    Thing x = Thing { n: 1 }
    Other y = Other { n: "a" }
  }
}
