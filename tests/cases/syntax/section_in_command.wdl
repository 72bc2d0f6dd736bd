version 1.1

task brace_missing {
  command {
    echo hello
  output {
    String text = read_string(stdout())
  }
}

task end_missing {
  command <<<
    echo hello
  runtime {
    docker: "ubuntu"
  }
}

task next {
  command <<<
    output {
      echo this is indented otherwise
    }
  >>>
}

task open_to_the_end {
  input {
    Int x
  }
  command <<<
    echo ~{x}
  output {
    Int y = 1
  }
}
