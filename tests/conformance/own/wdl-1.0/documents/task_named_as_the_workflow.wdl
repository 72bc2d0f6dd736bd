version 1.0

task w {
  command {
    echo task
  }
  output {
    String said = read_string(stdout())
  }
}

workflow w {
  call w as inner
  output {
    String said = inner.said
  }
}
