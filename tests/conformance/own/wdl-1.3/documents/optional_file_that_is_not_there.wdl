version 1.3

workflow w {
  File? f = "data/none.txt"
  output {
    Boolean a = defined(f)
    File? b = f
  }
}
