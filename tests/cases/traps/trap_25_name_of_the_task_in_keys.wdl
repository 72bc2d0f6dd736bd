version 1.2

task t {
  input { Int n = 1  Int m = 2 }
  command <<< echo ~{n} ~{m} >>>
  output { String text = read_string(stdout()) }
}

workflow w {
  call t as second { m = 3 }
  output { String text = second.text }
  hints { allow_nested_inputs: true }
}
