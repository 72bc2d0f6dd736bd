version 1.2

workflow w {
  Array[Int] xs = [1]
  output {
    String a = "[~{xs[3]}]"
  }
}
