version 1.1

workflow w {
  Int size = 1
  Int length = 2
  Array[Int] range = range(3)
  output {
    Int a = size + length
    Int b = length(range)
  }
}
