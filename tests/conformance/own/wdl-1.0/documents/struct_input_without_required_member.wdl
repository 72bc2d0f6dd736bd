version 1.0

struct Person {
  String name
  Int age
  String? nick
}

workflow w {
  input {
    Person p
  }
  output {
    Person copy = p
  }
}
