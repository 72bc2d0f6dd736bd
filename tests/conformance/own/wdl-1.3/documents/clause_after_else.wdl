version 1.3

workflow w {
  if (true) {
    Int x = 1
  } else {
    Int x = 2
  } else if (false) {
    Int x = 3
  }
  output {
    Int a = 1
  }
}
