version 1.2

workflow w {
  input {
    File? f
  }
  output {
    Boolean x = defined(f)
  }
}
