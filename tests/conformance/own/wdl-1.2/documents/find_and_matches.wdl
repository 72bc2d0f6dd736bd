version 1.2

workflow w {
  output {
    String? a = find("hello world", "w[a-z]+")
    String? b = find("hello", "x+")
    Boolean c = matches("a1b", "[[:digit:]]")
    Boolean d = matches("ab", "^b")
    String? e = find("aXbX", "a.*X|aX")
  }
}
