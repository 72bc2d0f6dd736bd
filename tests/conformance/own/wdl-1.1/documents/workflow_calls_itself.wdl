version 1.1

workflow w {
  call w
  output {
    Int x = 1
  }
}
