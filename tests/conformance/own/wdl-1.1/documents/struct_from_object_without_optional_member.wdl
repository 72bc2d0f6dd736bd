version 1.1

struct Person {
  String name
  Int age
  String? nick
}

workflow w {
  Object o = object { name: "Ada", age: 1 }
  output {
    Person p = o
    Boolean known = defined(p.nick)
  }
}
