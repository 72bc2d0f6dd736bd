version 1.2

struct S {
  Int a
  String? b
}

workflow w {
  input { S s }

  output {
    S same = s
    S made = S { a: 2 }
    String written = read_string(write_json(made))
  }
}
