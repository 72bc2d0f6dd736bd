version 1.2


workflow w {
  input { String? some = "b" }

  output {
    String text = "a" + some
  }
}
