version 1.1

import "one.wdl"
