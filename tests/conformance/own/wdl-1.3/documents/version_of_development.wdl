version development

enum E {
  a
}

workflow w {
  output {
    Int a = 2 ** 3
    E b = E.a
  }
}
