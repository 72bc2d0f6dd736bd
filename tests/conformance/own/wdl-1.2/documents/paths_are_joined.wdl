version 1.2

workflow w {
  output {
    String a = join_paths("/a", "b")
    String b = join_paths("/a/", ["b", "c"])
    String c = join_paths(["/a", "b/c", "d.txt"])
  }
}
