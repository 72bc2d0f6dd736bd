version 1.1

struct Person {
  String name
  Int age
  String? nick
}

workflow w {
  Person p = Person { name: "Ada", age: 1 }
  output {
    String s = p.surname
  }
}
