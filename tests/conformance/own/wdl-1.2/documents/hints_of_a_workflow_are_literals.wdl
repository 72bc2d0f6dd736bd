version 1.2

workflow w {
  hints {
    allow_nested_inputs: 1 == 1
  }
}
