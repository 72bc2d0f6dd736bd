version 1.1

import "cycle_back.wdl"
