version 1.2

workflow w {
  input {
    String? x
  }
  output {
    String a = "[~{select_first([x])}]"
    String b = "[~{"-x " + x}]"
  }
}
