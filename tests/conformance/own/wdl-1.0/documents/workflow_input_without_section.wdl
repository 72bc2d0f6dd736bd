version 1.0

workflow w {
  String name
  output {
    String out = name
  }
}
