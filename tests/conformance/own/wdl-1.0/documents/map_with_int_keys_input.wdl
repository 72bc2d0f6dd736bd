version 1.0

workflow w {
  input {
    Map[Int, String] m
  }
  output {
    String two = m[2]
    Map[Int, String] copy = m
  }
}
