version 1.1

workflow w {
  input {
    Int n = 3
  }
  output {
    Float f = read_string("data/pi.txt")
    String s = n
    Array[Int] xs = ["1", "2"]
  }
}
