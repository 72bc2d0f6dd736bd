version 1.1

task t {
  input {
    Int n
  }
  Int i2 = i
  command <<<>>>
}

workflow w {
  Int? later = x
  scatter (i in [1, 2]) {
    scatter (j in [3, 4]) {
      Int product = i * j
    }
  }
  if (i > 1) {
    call t { input: n = j }
  }
  Int sum = m
  Int later = 1
  output {
    Int last = i
    Array[Int] products = product[I]
  }
}
