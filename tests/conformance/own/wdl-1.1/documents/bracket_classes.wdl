version 1.1

workflow w {
  output {
    String a = sub("a1-B_2", "[[:alpha:]]", ".")
    String b = sub("a1-B_2", "[^[:alnum:]_]+", "")
    String c = sub("a]b", "[]]", "x")
  }
}
