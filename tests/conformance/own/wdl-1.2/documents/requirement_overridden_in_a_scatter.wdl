version 1.2

task t {
  command <<<
    exit 5
  >>>
  output {
    Int? code = task.return_code
  }
}

workflow w {
  scatter (i in [1, 2]) {
    call t
  }
  output {
    Array[Int?] codes = t.code
  }
}
