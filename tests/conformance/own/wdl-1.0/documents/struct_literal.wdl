version 1.0

struct Person {
  String name
  Int age
  String? nick
}

workflow w {
  output {
    Person p = Person { name: "Ada", age: 36 }
  }
}
