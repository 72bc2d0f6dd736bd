version 1.1

import "lib.wdl"

task t {
  input {
    Int wanted
    Array[String]+ names
    Int with_default = 1
  }
  Int private = wanted
  command <<< >>>
  output {
    Int out = private
  }
}

workflow calls {
  input {
    Array[String] some
  }
  call t as missing_all
  call t as unknown { input: wanted = 1, names = some, with_defalt = 2 }
  call t as not_an_input { input: wanted = 1, names = some, private = 2 }
  call t as ill_typed { input: wanted = [1], names = [], with_default = "x" }
  call lib.helper
  call lib.helper as second after helper after nobody
  call lib.helpr as third
  call helper as fourth
  call calls as recursive
  call lib.lib as sub
  Int wrong_member = sub.nothing
  Int read_input = ill_typed.wanted
  output {
    Int out = unknown.out
    Array[Int] gathered = helper.count
  }
}
