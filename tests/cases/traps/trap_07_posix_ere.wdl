version 1.2


workflow w {
  input {  }

  output {
    String classes = sub("hello world 1", "[[:alpha:]]+", "W")
    String? longest = find("xabcd", "ab|abc")
    String inner = sub("weekly", "(wk|we|week)(ly)?", "<\\1,\\2>")
    String swapped = sub("ab", "(a)(b)", "\\2\\1\\3")
    Boolean at_the_end = matches("x\n", "x$")
    Boolean newline_is_any = matches("a\nb", "^a.b$")
    String suffix = sub("r.fq.gz", ".fq|.fq.gz", "")
    Boolean catastrophe = matches("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "(a|a)*b")
  }
}
