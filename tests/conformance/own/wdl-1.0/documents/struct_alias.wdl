version 1.0

import "lib_person.wdl" as lib alias Person as Human

workflow w {
  output {
    Human h = object { name: "Ada" }
  }
}
