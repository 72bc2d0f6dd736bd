version 1.2

workflow w {
  String x = "/b"
  output {
    String a = join_paths("/a", x)
  }
}
