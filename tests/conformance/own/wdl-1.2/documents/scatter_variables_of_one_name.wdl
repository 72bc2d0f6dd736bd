version 1.2

task same {
  input {
    Int number
  }
  command <<< echo ~{number} >>>
  output {
    Int given = read_int(stdout())
  }
}

workflow w {
  scatter (i in [1, 2]) {
    scatter (i in [10, 20]) {
      Int inner_value = i
      call same { number = i }
    }
    Int outer_value = i
  }

  scatter (k in [1, 2]) {
    scatter (k in [k, k * 10]) {
      Int derived_value = k
    }
  }

  output {
    Array[Array[Int]] inner = inner_value
    Array[Array[Int]] called = same.given
    Array[Int] outer = outer_value
    Array[Array[Int]] derived = derived_value
  }
}
