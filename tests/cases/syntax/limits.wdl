version 1.3

workflow w {
  Int deep = ((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((1
  Int after = 1
  if (true) {
    Int a = 1
  } else {
    Int a = 2
  } else if (false) {
    Int a = 3
  }
}

task no_command {
  input { Int x }
}
