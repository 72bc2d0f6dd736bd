version 1.0

task t {
  command <<< echo 1 >>>
  output { Int n = read_int(stdout()) }
}

workflow w {
  if (1 > 2) {
    Int x = 1
    call t
  }
  output {
    Array[Boolean] known = [defined(x), defined(t.n)]
    Int? n = t.n
    Int first = select_first([x, t.n, 3])
  }
}
