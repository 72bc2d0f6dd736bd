version 1.2


workflow w {
  input {  }
  Map[String, Int] one = {"b": 1, "a": 2}
  Map[String, Int] other = {"a": 2, "b": 1}
  output {
    Array[String] names = keys(one)
    Map[String, Int] same = one
    Array[Boolean] equal = [one == other, one == {"b": 1, "a": 2}, object { a: 1, b: 2 } == object { b: 2, a: 1 }]
  }
}
