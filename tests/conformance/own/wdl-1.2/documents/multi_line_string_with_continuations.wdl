version 1.2

workflow w {
  output {
    String a = <<<
          one \
          two
          three \\
          four
        >>>
    String b = <<<a \>>> b>>>
  }
}
