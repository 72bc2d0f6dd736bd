workflow w {
  output {
    Int a = 1
  }
}
