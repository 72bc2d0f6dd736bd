version 1.2


workflow w {
  input {  }

  output {
    Float bytes = size(write_lines([])) + size(write_tsv([])) + size(write_map({}))
    Array[String] lines = read_lines(write_lines([]))
    Array[Array[Int]] chunks = chunk([], 3)
    Array[Array[String]] table = read_tsv(write_tsv([]))
  }
}
