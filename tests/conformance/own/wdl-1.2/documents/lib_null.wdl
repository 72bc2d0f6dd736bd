version 1.2

workflow sub {
  input {
    String? optional = "default"
    String plain = "default"
  }
  output {
    Array[String] out = [select_first([optional, "none"]), plain]
  }
}
