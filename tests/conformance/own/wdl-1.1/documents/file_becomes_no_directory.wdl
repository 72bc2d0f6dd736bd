version 1.1

workflow w {
  input {
    Directory d
  }
  output {
    Int x = 1
  }
}
