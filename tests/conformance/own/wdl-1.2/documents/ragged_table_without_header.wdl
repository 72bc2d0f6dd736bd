version 1.2

workflow w {
  output {
    Array[Array[String]] a = read_tsv("data/ragged.tsv")
  }
}
