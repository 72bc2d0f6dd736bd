version 1.1

task t {
  input { Int n }
  command <<< echo ~{n} >>>
  output {
    Int twice = once * 2
    Int once = read_int(stdout())
  }
}

workflow w {
  input {
    Int m = t.twice
    Int given = t.once
  }
  Int early = late + 1
  call t { input: n = early }
  Int late = 1
  output {
    Int sum = m + given
  }
}
