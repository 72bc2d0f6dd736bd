version 1.1

workflow w {
  output {
    String x = <<<
        a
      >>>
  }
}
