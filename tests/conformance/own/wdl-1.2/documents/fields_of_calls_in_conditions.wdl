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
  call greet { name = "a" }
  if (greet.said == "Hello a") {
    call greet as again { name = greet.said }
  }
  output {
    String? x = again.said
  }
}
