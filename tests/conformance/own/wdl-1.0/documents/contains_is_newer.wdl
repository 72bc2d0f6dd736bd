version 1.0

workflow w {
  output {
    Boolean a = contains([1], 1)
  }
}
