version 1.2

workflow w {
  Directory d = "data/dir"
  File f = "data/dir/a.txt"
  Map[String, Array[File]] m = { "x": [f, f] }
  Pair[File, Directory] p = (f, d)
  output {
    Float a = size(d)
    Float b = size(m)
    Float c = size(p)
    Float e = size([None, f], "B")
  }
}
