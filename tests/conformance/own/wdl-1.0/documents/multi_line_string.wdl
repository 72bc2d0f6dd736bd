version 1.0

workflow w {
  output {
    String x = <<<
        a
        b
      >>>
  }
}
