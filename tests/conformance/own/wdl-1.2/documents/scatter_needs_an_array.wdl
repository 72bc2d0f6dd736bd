version 1.2

workflow w {
  scatter (p in { "a": 1 }) {
    Int s = 1
  }
  output {
    Array[Int] x = s
  }
}
