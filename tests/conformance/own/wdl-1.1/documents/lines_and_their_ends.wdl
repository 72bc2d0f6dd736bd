version 1.1

workflow w {
  output {
    Array[String] a = read_lines("data/ends.txt")
    String b = read_string("data/ends.txt")
    Array[String] c = read_lines("data/empty.txt")
    Array[String] d = read_lines(write_lines([]))
    Float e = size(write_lines([]))
    Float f = size(write_lines(["a", "b"]))
  }
}
