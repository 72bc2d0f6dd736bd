version 1.1

workflow w {
  output {
    String a = basename("/no/such/file.tar.gz", ".gz")
    String b = basename("x.txt", ".csv")
    String c = basename("dir/")
  }
}
