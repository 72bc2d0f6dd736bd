version 1.1

workflow w {
  output {
    String a = "\."
    String b = "\x41\101\u00e9\U0001F600"
  }
}
