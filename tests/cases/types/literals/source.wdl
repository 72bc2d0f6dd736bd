version 1.3

workflow w {
  input {
    String text
    String pattern
    File file
  }
  # refused
  String a = sub(text, "(", "")
  String? b = find(text, "[a-z")
  Boolean c = matches(text, "a{2,1}")
  Array[String] d = split(text, "[[:nothing:]]")
  String e = sub(text, "(?=x)", "")
  Float f = size(file, "XB")
  Array[Int] g = range(-1)
  Array[Array[Int]] h = chunk([1, 2], 0)
  Int i = [1, 2][2]
  Int j = [1, 2][-1]
  Int k = [][0]
  Int l = {"a": 1}["b"]
  Int m = {1: 1, 2: 2}[3]
  Map[Int, Int] n = {1: 1, 2: 2, 1: 3}
  Map[Boolean, Int] o = {true: 1, true: 2}
  Map[Float, Int] p = {1: 1, 1.0: 2}
  Map[String, Int] q = {"a": 1, 'a': 2}
  String r = sub(text, "(x)(y)", "$2-$1")
  String s = sub(text, "(x)", "\\2")

  # their neighbours
  String ok_a = sub(text, "\\(", "")
  String? ok_b = find(text, "[a-z]")
  Boolean ok_c = matches(text, "a{1,2}")
  Array[String] ok_d = split(text, "[[:alpha:]]|x")
  String ok_e = sub(text, pattern, "(")
  String ok_r = sub(text, "(x)", "\\1 $2")
  Float ok_f = size(file, "GiB")
  Array[Int] ok_g = range(0)
  Array[Array[Int]] ok_h = chunk([1, 2], 1)
  Int ok_i = [1, 2][1]
  Int ok_l = {"a": 1}["a"]
  Map[Int, Int] ok_n = {1: 1, 2: 1}
  Map[Boolean, Int] ok_o = {true: 1, false: 2}
  Map[String, Int] ok_q = {"a": 1, "A": 2, "~{text}": 3, "~{text}": 4}
}
