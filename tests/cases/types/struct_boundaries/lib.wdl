version 1.2

struct Person {
  String name
  Int age
}

task greet {
  input {
    Person person
  }
  command <<< ~{person.name} >>>
  output {
    Person out = person
  }
}
