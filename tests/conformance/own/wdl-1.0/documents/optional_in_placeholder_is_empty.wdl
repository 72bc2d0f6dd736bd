version 1.0

workflow w {
  input {
    String? x
  }
  output {
    String s = "[~{x}][~{"--x " + x}]"
  }
}
