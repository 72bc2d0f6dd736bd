version 1.2

workflow w {
  if (1) {
    Int s = 1
  }
  output {
    Int? x = s
  }
}
