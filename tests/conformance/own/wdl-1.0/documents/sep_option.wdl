version 1.0

workflow w {
  Array[Int] xs = [1, 2, 3]
  output {
    String s = "~{sep=', ' xs}|${sep="" xs}"
  }
}
