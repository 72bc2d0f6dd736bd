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
  call greet { name = "b" }
  output {
    Int x = 1
  }
}
