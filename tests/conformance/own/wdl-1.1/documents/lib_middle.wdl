version 1.1

import "lib_inner.wdl" as inner
