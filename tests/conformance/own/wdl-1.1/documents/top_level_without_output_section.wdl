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
  call greet { input: name = "Ada" }
}
