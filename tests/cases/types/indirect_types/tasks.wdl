version 1.1

import "structs.wdl"

task t {
  input {
    Attributes attributes
  }

  command <<< echo ~{attributes.n} >>>
}
