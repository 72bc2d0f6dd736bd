version 1.0

workflow w {
  call t
  output {
    t.log
    t.*
  }
}

task t {
  command <<< >>>
  output {
    File log = stdout()
  }
}
