version 1.1

struct Person {
  String name
  Int age
  String? nick
}

workflow w {
  output {
    Array[String] lines = read_lines(write_json([Person { name: "A", age: 1 }]))
  }
}
