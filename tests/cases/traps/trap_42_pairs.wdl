version 1.2


workflow w {
  input { Pair[Int, Pair[String, Int]] given }
  Pair[Float, String?] one = (1, "a")
  Map[String, Pair[Float, Array[Float]]] two = {"x": (1, [2])}
  output {
    Pair[Float, String?] a = one
    Map[String, Pair[Float, Array[Float]]] b = two
    Pair[Int, Pair[String, Int]] c = given
    Float left = two["x"].left
  }
}
