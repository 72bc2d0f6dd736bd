version 1.2

workflow w {
  String y = "  indented"
  output {
    String a = <<<
            x
          ~{y}
            z
        >>>
  }
}
