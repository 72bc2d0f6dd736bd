version 1.1

struct Person {
  String name
  Int age
  String? nick
}

workflow w {
  output {
    Person p = Person { name: "Ada" }
  }
}
