version 1.1

import "lib.wdl" as lib

workflow w {
  input {
    FromLib a
    string b = "what stands in the import may define it"
  }
  call lib.known { input: lost = 1, other = missing }
  call lib.lost
  Boolean told = "a" && true
}
