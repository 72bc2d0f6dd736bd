version 1.3

enum Color[String] {
  Red = "#f00",
  Green,
}

enum Priority {
  Low = 1,
  High = 10.5
}

enum Plain { A, B }

enum Empty {
}

enum Mixed { A = 1, B }

enum Wrong[Int] { A = "a", B = 1 + 1 }

enum Deep[Pair[Int, Array[String]]] {
  One = (1, ["a"])
}

workflow enums {
  input {
    Color color = Color.Red
  }
  String value_of = value(color)
  Float high = value(Priority.High)
  Array[String] strings = value(Deep.One).right
  Boolean same = color == Color.Green
  Boolean other = color == Plain.A
  Boolean order = Color.Red < Color.Green
  Color unknown = Color.Blue
  Color from_text = "Red"
  Color from_wrong_text = "red"
  String name = "~{color}"
  Color not_a_value = Color
  Int no = Color.Red
  Empty none = Empty.One
}
