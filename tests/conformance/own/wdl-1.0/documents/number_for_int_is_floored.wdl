version 1.0

workflow w {
  input {
    Array[Int] numbers
  }
  output {
    Array[Int] copy = numbers
  }
}
