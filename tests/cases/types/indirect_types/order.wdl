version 1.1

struct Row {
  String s
  Int n
}

workflow order {
  output {
    Row row = Row {
      s: "a",
      n: 1,
    }
  }
}
