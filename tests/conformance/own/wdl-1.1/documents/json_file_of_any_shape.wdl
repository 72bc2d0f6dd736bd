version 1.1

struct Person {
  String name
  Int age
  String? nick
}

workflow w {
  output {
    Person p = read_json("data/person.json")
    Array[Map[String, Int?]] a = read_json("data/maps.json")
    Int b = read_json("data/large.json")
    Int? c = read_json("data/null.json")
  }
}
