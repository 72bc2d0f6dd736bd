version 1.0

workflow w {
  input {
    Int? x
  }
  output {
    Boolean a = defined(x) && select_first([x]) > 1
    Boolean b = !defined(x) || select_first([x]) > 1
  }
}
