version 1.2

import "libs/lib.wdl" as other

workflow w {
  call other.lib
  File f = "data/dir/a.txt"
  output {
    String a = lib.text
    String b = read_string(f)
  }
}
