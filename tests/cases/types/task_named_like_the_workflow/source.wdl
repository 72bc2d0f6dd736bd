version 1.0

task align {
  input {
    Int x
  }
  command <<< >>>
  output {
    Int y = x
  }
}

workflow align {
  call align { input: x = 1 }
  output {
    Int y = align.y
  }
}
