version 1.1

import "deeper.wdl"

struct Known {
  Other other
}

workflow deep {
}
