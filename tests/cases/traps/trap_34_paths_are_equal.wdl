version 1.2

task t {
  command <<< touch a; mkdir d >>>
  output {
    File f = "a"
    Directory d = "d/"
    Array[Boolean] same = [f == "a", f == "./a", f != "b", d == "d", d == "d//"]
    Boolean slash = matches("~{d}", "/$")
    String name = basename(d)
  }
}
