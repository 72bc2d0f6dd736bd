version 1.1

struct Person {
  String name
  Int age
  String? nick
}

workflow w {
  Map[String, String] m = { "name": "Ada", "age": "36" }
  output {
    Person p = m
  }
}
