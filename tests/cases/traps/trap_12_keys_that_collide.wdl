version 1.2


workflow w {
  input {  }
  Map[Int, Int] whole = {9007199254740992: 1, 9007199254740993: 2}
  output {
    Map[Float, Int] real = whole
  }
}
