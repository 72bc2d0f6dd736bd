version 1.0

workflow w {
  Array[Int]? xs = [1, 2]
  output {
    String s = "~{default='x' sep=',' xs}"
  }
}
