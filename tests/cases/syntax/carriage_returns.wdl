version 1.2
workflow w {
  String s = "unclosed
  Int x = $
}
