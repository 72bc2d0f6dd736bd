version 1.1

workflow w {
  Boolean yes = true
  if (yes) {
    scatter (i in range(2)) {
      Int x = i
      if (i == 1) {
        Int y = i
      }
    }
  }
  output {
    Array[Int]? a = x
    Array[Int?]? b = y
  }
}
