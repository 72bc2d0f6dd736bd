version 1.2

task t {
  input {
    Int wanted
  }
  command <<< >>>
}

workflow w {
  hints {
    allow_nested_inputs: true
  }
  call t
}
