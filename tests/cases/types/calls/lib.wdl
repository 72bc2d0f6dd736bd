version 1.1

task helper {
  command <<< >>>
  output {
    Int count = 1
  }
}

workflow lib {
  call helper
}
