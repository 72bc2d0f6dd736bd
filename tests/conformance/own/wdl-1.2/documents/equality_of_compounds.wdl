version 1.2

struct Person {
  String name
  Int age
  String? nick
}

workflow w {
  input {
    Int? x
  }
  output {
    Boolean a = [1, 2] == [1.0, 2.0]
    Boolean b = (1, "a") == (1, "a")
    Boolean d = Person { name: "a", age: 1 } == Person { age: 1, name: "a" }
    Boolean e = [1] != [1, 2]
    Boolean f = x == None
    Boolean g = x == 1
  }
}
