version 1.1

workflow w {
  output {
    Map[String, String] m = read_map("data/three.tsv")
  }
}
