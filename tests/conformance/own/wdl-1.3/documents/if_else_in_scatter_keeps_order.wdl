version 1.3

workflow w {
  scatter (i in range(4)) {
    if (i % 2 == 0) {
      String s = "even ~{i}"
      Int n = i
    } else {
      String s = "odd ~{i}"
    }
  }
  output {
    Array[String] a = s
    Array[Int?] b = n
  }
}
