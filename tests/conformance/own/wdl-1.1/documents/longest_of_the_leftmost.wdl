version 1.1

workflow w {
  output {
    String a = sub("abcd", "ab|abcd", "X")
    String b = sub("foobar", "(fo|foo)(bar|o)", "[\\1,\\2]")
    String c = sub("xyz", "(a)?y", "<\\1>")
  }
}
