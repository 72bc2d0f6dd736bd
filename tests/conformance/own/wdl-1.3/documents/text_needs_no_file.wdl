version 1.3

workflow w {
  output {
    String a = basename("data/none.txt")
    String b = sub("data/none.txt", "none", "some")
  }
}
