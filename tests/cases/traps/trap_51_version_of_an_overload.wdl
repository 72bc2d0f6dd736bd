version 1.1


workflow w {
  input {  }

  output {
    Int n = length({"a": 1})
  }
}
