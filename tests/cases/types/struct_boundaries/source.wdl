version 1.2

import "lib.wdl" alias Person as Guest

struct Person {
  String name
  Array[Int] age
}

struct Stranger {
  String name
}

struct Ordered {
  Int age
  String name
}

workflow w {
  Guest guest = Guest { name: "a", age: 1 }
  Person person = Person { name: "a", age: [1] }
  Stranger stranger = Stranger { name: "a" }
  Ordered ordered = Ordered { name: "a", age: 1 }
  call lib.greet { person = guest }
  Guest back = greet.out
  call lib.greet as in_another_order { person = ordered }
  call lib.greet as wrong { person = person }
  call lib.greet as missing { person = stranger }
  Person wrong_back = greet.out
}
