version 1.3

workflow w {
  input {
    Int n = 0
  }
  if (n == 0) {
    Int x = 1
  } else if (10 / n > 1) {
    Int x = 2
  } else {
    Int x = 3
  }
  output {
    Int a = x
  }
}
