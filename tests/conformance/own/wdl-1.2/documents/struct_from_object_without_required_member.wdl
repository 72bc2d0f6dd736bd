version 1.2

struct Person {
  String name
  Int age
  String? nick
}

workflow w {
  Object o = object { name: "A" }
  output {
    Person a = o
  }
}
