version 1.1

task t {
  input {
    Int a = 1
    Int? b = 2
    Int? c
  }
  command <<<>>>
  output {
    Array[Int?] all = [a, b, c]
  }
}

workflow w {
  Int? nothing = None
  call t as omitted
  call t as none { input: a = nothing, b = nothing, c = nothing }
  call t as given { input: a = 7, b = 8, c = 9 }
  output {
    Array[Array[Int?]] x = [omitted.all, none.all, given.all]
  }
}
