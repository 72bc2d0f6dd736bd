version 1.1

task x {
  input { Int x }
  command <<< echo ~{x} >>>
  output { Int n = read_int(stdout()) }
}

workflow w {
  scatter (i in [1, 2]) {
    call x { input: x = i }
  }
  output {
    Array[Int] ns = x.n
    Int n = x.n[1]
  }
}
