version 1.3

import "lib_color.wdl" as other alias Color as Hue

workflow w {
  call other.lib { input: c = Hue.blue }
  output {
    Hue a = Hue.red
    String b = lib.text
  }
}
