version 1.3

workflow w {
  output {
    Array[String] a = split("a,b,,c", ",")
    Array[String] b = split("a1b22c", "[0-9]+")
    Array[String] c = split("abc", "x")
    Array[String] d = split("", ",")
    Array[String] e = split(",a,", ",")
    Array[String] f = split("one  two\tthree", "[[:space:]]+")
  }
}
