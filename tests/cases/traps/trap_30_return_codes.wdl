version 1.2

task t {
  command <<< echo 1; exit 3 >>>
  requirements { return_codes: [0, 3] }
  output { Int n = read_int(stdout())  Int? code = task.return_code }
}

task u {
  command <<< exit 4 >>>
  requirements { return_codes: "*" }
  output { Int? code = task.return_code }
}

task v {
  command <<< exit 5 >>>
  runtime { returnCodes: 5 }
  output { Int n = 5 }
}

workflow w {
  call t
  call u
  call v
  output { Array[Int?] codes = [t.n, t.code, u.code, v.n] }
}
