version 1.1

workflow w {
  input {
    File f = "data/words.txt"
  }
  output {
    Array[Float] a = [1, 2.5]
    Array[Int?] b = [None, 1]
    Array[String] c = [f, "b"]
  }
}
