version 1.3

workflow w {
  File f = "data/none.txt"
  output {
    Int a = 1
  }
}
