version 1.2

task any {
  command <<< echo 1 >>>
  requirements { container: "*" }
  output { Int n = read_int(stdout()) }
}

task several {
  command <<< echo 2 >>>
  requirements { container: ["docker://a", "b"] }
  output { Int n = read_int(stdout()) }
}

task old {
  command <<< echo 3 >>>
  runtime { docker: "c" }
  output { Int n = read_int(stdout()) }
}

workflow w {
  call any
  call several
  call old
  output { Array[Int] ns = [any.n, several.n, old.n] }
}
