version 1.0

workflow w {
  input {
    Int? x
  }
  output {
    Array[Object] a = read_tsv("data/objects.tsv", true)
  }
}
