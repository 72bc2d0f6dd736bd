version 1.1

workflow w {
  output {
    File f = write_tsv([["a\tb", "c"]])
  }
}
