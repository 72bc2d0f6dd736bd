# a comment

  # and another
version 1.3

workflow w {
  output {
    Int a = 1
  }
}
