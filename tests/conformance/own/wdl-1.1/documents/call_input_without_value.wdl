version 1.1

task greet {
  input {
    String name
    String greeting = "Hello"
    String? mark
  }
  command <<<
    echo "~{greeting} ~{name}~{mark}"
  >>>
  output {
    String said = read_string(stdout())
  }
}

workflow w {
  String name = "Ada"
  call greet { input: name, greeting = "Hi" }
  output {
    String s = greet.said
  }
}
