version 1.1

task t {
  input {
    Int x
  }
  Int a = b
  Int b = c + x
  Int c = a
  command <<< >>>
  output {
    Int out = later
    Int later = out
  }
}

workflow cycles {
  input {
    Int given = computed
    Array[Int] items
  }
  Int self = self + 1
  Int computed = one.out
  call t as one { input: x = two.out }
  call t as two { input: x = one.out }
  scatter (item in items) {
    Int inside = item + outside
  }
  Int outside = length(inside)
  if (flag) {
    Boolean flag_source = true
  }
  Boolean flag = select_first([flag_source])
  call t as first after second { input: x = 1 }
  call t as second after first { input: x = 1 }
  Int fine = given
}
