version 1.0

workflow w {
  input {
    String text
  }
  String a = sub(text, "(?=x)", "")
  String b = sub(text, "\\d+", "")
}
