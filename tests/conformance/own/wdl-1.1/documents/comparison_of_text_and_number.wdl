version 1.1

workflow w {
  output {
    Boolean b = "1" == 1
  }
}
