version 1.1

workflow w {
  output {
    Boolean a = contains([1], 1)
  }
}
