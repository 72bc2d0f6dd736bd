version 1.2

task t {
  command <<<
    exit 6
  >>>
  output {
    Int? code = task.return_code
  }
}

workflow sub {
  call t
  output {
    Int x = select_first([t.code])
  }
}
