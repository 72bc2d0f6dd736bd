version 1.0

workflow w {
  hints {
    allow_nested_inputs: true
  }
}
