version 1.1

import "far_one.wdl"

struct Same {
  Int a
}

struct Differs {
  Int a
}

struct Local {
  String a
}
