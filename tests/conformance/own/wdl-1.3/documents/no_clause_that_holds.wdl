version 1.3

workflow w {
  input {
    Int n = 1
  }
  if (n < 0) {
    String word = "negative"
  } else if (n == 0) {
    String word = "zero"
  }
  output {
    String? a = word
  }
}
