version 1.0

workflow functions {
  input {
    Map[String, Int] counts
    Array[Array[File]] nested
    File file
  }
  Int a = length(counts)
  String b = sep(", ", ["a"])
  Float c = size(nested)
  Float d = size(file, "GB")
  Int e = floor("x")
  Int f = floor()
  Int g = floor(1.5, 2)
  Array[String] h = prefix("-x ", [["a"]])
  File i = stdout()
  Array[File] j = glob("*")
  Int k = select_first([])
  Array[Int] l = range("3")
  Array[Pair[Int, String]] m = zip([1], ["a"])
  Boolean n = defined(file, file)
  File o = write_json((1, 2))
  Int p = ceil([1.5])
  Int q = lenght([1])
  Map[String, Int] r = collect_by_key([("a", 1)])
}
