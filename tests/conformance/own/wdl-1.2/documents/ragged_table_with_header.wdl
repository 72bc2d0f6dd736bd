version 1.2

workflow w {
  output {
    Array[Object] a = read_tsv("data/ragged.tsv", true)
  }
}
