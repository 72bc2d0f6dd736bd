version 1.3

workflow w {
  if (false) {
    Int x = 1
  } else {
    Float x = 2.5
  }
  output {
    Float a = x
  }
}
