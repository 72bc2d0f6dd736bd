version 1.1

task first {
  command <<<
    sleep 0.2
    date +%s%N
  >>>
  output {
    Int ended = read_int(stdout())
  }
}

task second {
  command <<<
    date +%s%N
  >>>
  output {
    Int started = read_int(stdout())
  }
}

workflow w {
  call second after first
  call second as alone after never
  scatter (i in range(0)) {
    call first as never
  }
  call first
  output {
    Boolean in_order = second.started > first.ended
    Boolean ran = defined(alone.started)
  }
}
