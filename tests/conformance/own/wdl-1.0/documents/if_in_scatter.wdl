version 1.0

workflow w {
  scatter (i in range(4)) {
    if (i % 2 == 1) {
      Int odd = i
    }
  }
  output {
    Array[Int?] o = odd
    Array[Int] all = select_all(odd)
  }
}
