version 1.2

struct Person {
  String name
  Int age
  String? nick
}

workflow w {
  Object o = object { p: 1, q: 2 }
  output {
    Array[String] a = keys(Person { age: 1, name: "x" })
    Array[String] b = keys(o)
    Boolean c = contains_key(o, "p")
    Boolean d = contains_key(o, "r")
  }
}
