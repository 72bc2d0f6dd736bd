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
  input {
    String late = greet.said
  }
  call greet { input: name = "Ada" }
  output {
    String x = late
  }
}
