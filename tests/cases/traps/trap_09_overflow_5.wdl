version 1.2


workflow w {
  input { Int big = 9223372036854775807 }

  output {
    Int result = -(-big - 1)
  }
}
