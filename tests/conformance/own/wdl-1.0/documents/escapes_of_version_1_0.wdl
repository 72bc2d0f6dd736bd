version 1.0

workflow w {
  output {
    String s = "a\rb\bc\fd\ae\vf\?g"
  }
}
