version 1.1

import "lib_deep.wdl" as deep
