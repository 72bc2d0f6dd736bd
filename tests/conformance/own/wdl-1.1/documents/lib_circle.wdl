version 1.1

import "imports_in_a_circle.wdl" as back
