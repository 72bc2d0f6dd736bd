version 1.1

import "two.wdl"
