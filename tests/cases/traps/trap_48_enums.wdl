version 1.3

import "lib.wdl" alias Color as Hue

workflow w {
  input { Hue hue }
  call lib.tell { color = hue }
  Hue back = tell.hue
  output {
    Hue same = hue
    String text = "~{hue}"
    Int inner = value(hue)
    Boolean equal = hue == Hue.Red
    Hue told = back
    Map[String, Hue] read = read_json(write_json({"k": hue}))
  }
}
