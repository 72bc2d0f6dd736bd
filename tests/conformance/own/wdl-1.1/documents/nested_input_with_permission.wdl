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
  meta {
    allowNestedInputs: true
  }
  call greet { input: name = "Ada" }
  output {
    String s = greet.said
  }
}
