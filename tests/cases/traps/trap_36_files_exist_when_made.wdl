version 1.3


workflow w {
  input {  }
  File lost = "lost/x"
  output {
    Int n = 1
  }
}
