version 1.2


workflow w {
  input { String? none }

  output {
    String text = "a" + none
  }
}
