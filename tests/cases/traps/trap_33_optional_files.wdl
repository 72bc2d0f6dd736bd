version 1.2

struct S {
  File here
  File? there
}

task t {
  command <<< touch a c >>>
  output {
    File? none = "missing"
    Array[File?] holes = ["a", "missing", "c"]
    S s = S { here: "a", there: "missing" }
    Map[String, File?] m = {"a": "a", "b": "missing"}
    Pair[File?, Int] p = ("missing", 1)
  }
}
