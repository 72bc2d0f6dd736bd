version 1.2

workflow operators {
  Int a = 1 + 2 * 3 - 4 / 5 % 6 ** 2
  Float b = 1 + 2.5
  String c = "a" + 1 + 2.5
  File d = "dir/" + "name"
  Boolean e = 1 < 2.5 && "a" < "b" || !(true == false)
  Boolean f = [1] == []
  Boolean g = "a" == 1
  Boolean h = true + "x"
  Int i = "3" * 2
  Boolean j = !1
  Int k = -"x"
  Boolean l = [1] < [2]
  Int m = if 1 then 2 else 3
  String n = if true then "a" else [1]
  Float o = if true then 1 else 2.0
  Boolean p = 1 && true
  Boolean q = None + 1
  Int r = 5[0]
  Int s = {"a": 1}[0]
  Map[String, Int] u = {"a": 1, "a": 2}
  Array[Int]+ v = []
  Pair[Int, String] w = (1, "a")
}
