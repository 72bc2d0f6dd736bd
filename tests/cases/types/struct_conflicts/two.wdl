version 1.1

import "far_two.wdl"

struct Same {
  Int a
}

struct Differs {
  Int b
}
