version 1.0

workflow w {
  output {
    String three = "\101\x42\u0043"
    String one = "\7"
    String two = "\60z"
  }
}
