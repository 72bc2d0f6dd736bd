version 1.3

workflow w {
  if (true) {
    Int x = 1
  } else {
    Array[Int] x = [2]
  }
  output {
    Int a = 1
  }
}
