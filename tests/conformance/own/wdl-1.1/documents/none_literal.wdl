version 1.1

workflow w {
  output {
    Int? x = None
    Array[Int?] xs = [1, None]
    Boolean same = x == None
  }
}
