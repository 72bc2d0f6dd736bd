version 1.2


workflow w {
  input {  }
  if (true) {
    if (true) {
      Int x = 1
      Int? y = 2
    }
  }
  scatter (i in [1, 2]) {
    if (i == 2) { Int? o = i }
  }
  output {
    Int? one = x
    Int two = select_first([y])
    Array[Int?] shape = o
    Int first = select_first(o)
    Array[Int] all = select_all(o)
  }
}
