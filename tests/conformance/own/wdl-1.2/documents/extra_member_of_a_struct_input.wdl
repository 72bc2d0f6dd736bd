version 1.2

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
    Person x = p
  }
}
