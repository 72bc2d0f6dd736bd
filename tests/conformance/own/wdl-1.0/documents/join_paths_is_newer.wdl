version 1.0

workflow w {
  output {
    String a = join_paths(["/a", "b"])
  }
}
