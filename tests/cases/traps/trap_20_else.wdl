version 1.3

task t {
  input { Int n }
  command <<< echo ~{n} >>>
  output { Int out = read_int(stdout()) }
}

workflow w {
  input { Int k = 2 }
  if (k == 1) {
    Int x = 10
    call t as u { n = 1 }
  } else if (k == 2) {
    Int x = 20
    Int only = 5
    call t as u { n = 2 }
  } else {
    Int x = 30
    call t as u { n = 3 }
  }
  Int sure = x + u.out
  output {
    Int sum = sure
    Int? some = only
  }
}
