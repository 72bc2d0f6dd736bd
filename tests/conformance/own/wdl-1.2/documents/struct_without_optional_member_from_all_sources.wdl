version 1.2

struct Person {
  String name
  Int age
  String? nick
}

workflow w {
  input {
    Person given
  }
  Object o = object { name: "A", age: 1 }
  Map[String, String] m = { "name": "B", "age": "2" }
  output {
    Person a = o
    Person b = m
    Person c = read_json("data/person.json")
    Person d = given
  }
}
