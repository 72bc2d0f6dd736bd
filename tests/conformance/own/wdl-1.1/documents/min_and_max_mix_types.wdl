version 1.1

workflow w {
  output {
    Int a = min(1, 2)
    Float b = max(1, 0.5)
    Float c = min(2.0, 3)
  }
}
