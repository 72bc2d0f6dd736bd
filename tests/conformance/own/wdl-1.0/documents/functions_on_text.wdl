version 1.0

workflow w {
  output {
    String a = sub("sample.bam", "\\.bam$", ".bai")
    String b = basename("/x/y/z.tar.gz", ".tar.gz")
    String c = basename("/x/y/", "q")
    String d = sub("aaa", "a", "b")
  }
}
