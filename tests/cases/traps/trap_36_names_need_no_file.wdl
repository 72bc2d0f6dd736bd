version 1.3


workflow w {
  File? nothing = "lost/x"

  output {
    String name = basename("lost/x.txt", ".txt")
    String path = join_paths("/lost", "x")
    String other = sub("lost/x", "^.*/", "")
    File? none = nothing
  }
}
