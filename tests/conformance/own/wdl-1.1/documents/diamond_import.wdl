version 1.1

import "lib_one.wdl" as a
import "lib_two.wdl" as b

workflow w {
  call a.one
  call b.two
  output {
    Int x = one.y + two.y
  }
}
