version 1.1

import "cycle.wdl"
