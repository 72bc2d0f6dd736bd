version 1.0

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
    Int length_of_name = 3
  }
}

workflow w {
  call greet { input: name = "Ada" }
  output {
  }
}
