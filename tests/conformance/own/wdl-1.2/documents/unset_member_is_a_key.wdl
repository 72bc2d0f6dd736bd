version 1.2

struct Person {
  String name
  Int age
  String? nick
}

workflow w {
  output {
    Person p = Person { name: "x", age: 1 }
    Boolean a = contains_key({ "k": p }, ["k", "nick"])
    Boolean b = contains_key({ "k": p }, ["k", "shoe"])
    Boolean c = contains_key({ "k": p }, ["k", "nick", "deeper"])
    Boolean d = contains_key({ "k": p }, ["j", "nick"])
  }
}
