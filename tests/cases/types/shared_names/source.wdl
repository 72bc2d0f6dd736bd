version 1.1

import "lib.wdl" as lib
import "lib.wdl" as other

task other {
  command <<< >>>
}

workflow w {
  call lib.t as lib
  call lib.t as w
  call other
  call lib.t as fine
}
