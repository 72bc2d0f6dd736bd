version 1.1

workflow w {
  output {
    String a = sub("a\nb\n", "b$", "X")
    String b = sub("a\nb", "^b", "X")
    String c = sub("a\nb", "a.b", "X")
  }
}
