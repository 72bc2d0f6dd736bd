version 1.1

workflow w {
  input {
    Boolean yes = true
  }
  output {
    String s = if yes then 1 else "one"
  }
}
