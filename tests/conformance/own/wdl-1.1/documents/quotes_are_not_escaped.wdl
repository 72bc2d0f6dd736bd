version 1.1

workflow w {
  output {
    Array[String] a = quote(["a\"b", "c"])
    Array[String] b = squote([1, 2])
    String c = sep(", ", [true, false])
    Array[String] d = suffix("%", [1.5])
  }
}
