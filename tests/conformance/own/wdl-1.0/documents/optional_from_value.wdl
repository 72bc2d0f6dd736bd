version 1.0

workflow w {
  output {
    Int? a = 1
    Array[Int?] b = [1, 2]
    Array[Int]+ c = [1]
    Float? d = 2
  }
}
