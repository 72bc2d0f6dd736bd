version 1.1

workflow w {
  output {
    String a = sub("a", "(", "b")
  }
}
