version 1.2


workflow w {
  input {  }

  output {
    Int n = length({"a": 1}) + length("abc")
  }
}
