version 1.3

workflow w {
  if (false) {
    String x = "a"
  } else if (false) {
    String x = "b"
  }
  output {
    String a = x
  }
}
