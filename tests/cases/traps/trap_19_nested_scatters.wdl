version 1.1

task slow {
  input { Int n }
  command <<< sleep 0.~{n}; echo ~{n} >>>
  output { Array[Int] ns = [read_int(stdout())] }
}

workflow w {
  scatter (i in range(3)) {
    scatter (j in range(i)) {
      Array[String] names = ["~{i}~{j}"]
    }
  }
  scatter (n in [2, 1, 0]) {
    call slow { input: n }
  }
  output {
    Array[Array[Array[String]]] deep = names
    Array[Array[Int]] in_order = slow.ns
  }
}
