version 1.2

import "my.lib-v1.wdl"

workflow w {}
