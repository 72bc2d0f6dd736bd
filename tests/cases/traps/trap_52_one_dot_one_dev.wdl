version 1.1-dev


workflow w {
  input {  }

  output {
    Int n = 1
  }
}
