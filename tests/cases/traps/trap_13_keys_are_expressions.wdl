version 1.2


workflow w {
  input {  }
  String a = "key"
  output {
    Map[String, Int] map = {a: 1, "a": 2}
  }
}
