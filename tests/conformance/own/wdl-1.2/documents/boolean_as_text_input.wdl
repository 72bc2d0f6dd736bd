version 1.2

workflow w {
  input {
    Boolean b
  }
  output {
    Boolean x = b
  }
}
