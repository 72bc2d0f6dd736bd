version 1.0

struct Person {
  String name
  Int age
  String? nick
}

workflow w {
  output {
    Person p = object { name: "Ada" }
  }
}
