version 1.0

workflow w {
  input {
    Array[Int]+ xs
  }
  output {
    Array[Int]+ copy = xs
  }
}
