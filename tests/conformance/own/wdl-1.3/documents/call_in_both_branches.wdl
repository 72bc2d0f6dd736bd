version 1.3

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
  input {
    Boolean yes = false
  }
  if (yes) {
    call greet { name = "Ada" }
  } else {
    call greet { name = "Bob" }
  }
  scatter (i in [1, 2]) {
    if (i == 1) {
      call greet as inner { name = "one" }
    } else {
      call greet as inner { name = "other" }
    }
  }
  output {
    String a = greet.said
    Array[String] b = inner.said
  }
}
