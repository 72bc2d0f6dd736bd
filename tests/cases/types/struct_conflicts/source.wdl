version 1.1

import "one.wdl"
import "two.wdl"
import "three.wdl" as three
import "four.wdl"

struct Same {
  Int a
}

struct Local {
  Int a
}

workflow w {
  input {
    Same same
    Differs differs
    OnlyTransitive ambiguous
  }
}
