version 1.0

workflow w {
  input {
    Int? x
  }
  output {
    File a = write_tsv([["a"]], true, ["h"])
  }
}
