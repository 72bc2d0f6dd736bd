version 1.2

workflow w {
  output {
    Float a = 1.e2
    Float b = -.5e-1
    Int c = -0x10
    String d = "a.b"
  }
}
