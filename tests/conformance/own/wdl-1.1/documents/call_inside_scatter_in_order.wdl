version 1.1

task wait {
  input {
    Int n
  }
  command <<<
    sleep 0.~{3 - n}; echo ~{n}
  >>>
  output {
    Int out = read_int(stdout())
  }
}

workflow w {
  scatter (i in range(3)) {
    call wait { input: n = i }
  }
  output {
    Array[Int] all = wait.out
    Int sum = wait.out[0] + wait.out[2]
  }
}
