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
  if (false) {
    call greet { input: name = "Ada" }
  }
  output {
    String? s = greet.said
    Boolean d = defined(greet.said)
    String t = select_first([greet.said, "nothing"])
  }
}
