version 1.0

workflow w {
  output {
    Boolean a = "B" < "a"
    Boolean b = false < true
    Boolean c = "abc" >= "abd"
  }
}
