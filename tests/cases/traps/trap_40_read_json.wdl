version 1.2

struct S {
  Int a
  Array[Int?] b
  Map[String, Float] c
  Array[File] d
  String? e
}

workflow w {
  input { File f }

  output {
    S s = read_json(f)
    Map[String, S] wrapped = {"s": read_json(f)}
    Int exact = s.a
  }
}
