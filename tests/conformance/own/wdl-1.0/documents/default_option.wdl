version 1.0

workflow w {
  input {
    String? x
    String? y = "given"
  }
  output {
    String a = "~{default='none' x}"
    String b = "~{default="none" y}"
  }
}
