version 1.1

import "lib_workflow.wdl" as other

workflow w {
  call other.lib
  output {
    Int x = lib.y
  }
}
