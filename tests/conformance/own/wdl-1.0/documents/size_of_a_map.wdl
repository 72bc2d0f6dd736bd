version 1.0

workflow w {
  File f = "data/ten.txt"
  output {
    Float a = size({ "x": f })
  }
}
