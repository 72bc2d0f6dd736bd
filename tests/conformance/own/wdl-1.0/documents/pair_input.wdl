version 1.0

workflow w {
  input {
    Pair[String, Int] p
  }
  output {
    String left = p.left
    Int right = p.right
    Pair[String, Int] copy = p
  }
}
