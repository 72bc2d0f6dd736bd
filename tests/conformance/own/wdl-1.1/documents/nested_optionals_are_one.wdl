version 1.1

workflow w {
  Boolean yes = true
  if (yes) {
    if (yes) {
      Int? a = 1
    }
  }
  output {
    Int? x = a
    Boolean d = defined(a)
  }
}
