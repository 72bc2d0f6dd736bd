version 1.3

workflow w {
  input {
    Int n = 0
  }
  if (n < 0) {
    String word = "negative"
  } else if (n == 0) {
    String word = "zero"
    Int only_here = 1
  } else {
    String word = "positive"
  }
  output {
    String a = word
    Int? b = only_here
  }
}
