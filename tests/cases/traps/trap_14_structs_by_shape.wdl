version 1.2

import "lib.wdl" as lib

struct Human {
  Int age
  String name
}

workflow w {
  input {  }
  Human human = Human { age: 5, name: "x" }
  call lib.tell { input: person = human }
  output {
    String told = tell.told
    Human back = tell.back
  }
}
