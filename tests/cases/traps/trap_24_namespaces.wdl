version 1.2

import "my.lib-v1.wdl" as mine
import "sub/other.wdl"

workflow w {
  call mine.t
  call other.t as u { input: s = S { n: 2 } }
  output {
    S one = t.s
    Int two = u.n
  }
}
