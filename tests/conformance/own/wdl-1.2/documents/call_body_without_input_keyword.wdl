version 1.2

task greet {
  input {
    String name
    String greeting = "Hello"
  }
  command <<<
    echo "~{greeting} ~{name}"
  >>>
  output {
    String said = read_string(stdout())
  }
}

workflow w {
  String name = "Ada"
  call greet { name, greeting = "Hi", }
  output {
    String s = greet.said
  }
}
