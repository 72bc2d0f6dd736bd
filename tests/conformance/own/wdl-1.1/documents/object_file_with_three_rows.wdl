version 1.1

workflow w {
  output {
    Object o = read_object("data/rows.tsv")
  }
}
