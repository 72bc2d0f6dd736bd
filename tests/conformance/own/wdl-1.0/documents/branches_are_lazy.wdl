version 1.0

workflow w {
  Int n = 0
  output {
    Int a = if n == 0 then 0 else 10 / n
  }
}
