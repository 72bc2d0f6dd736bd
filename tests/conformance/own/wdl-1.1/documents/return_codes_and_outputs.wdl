version 1.1

task t {
  command <<<
    echo done
    exit 3
  >>>
  output {
    String out = read_string(stdout())
  }
  runtime {
    returnCodes: [0, 3]
    maxRetries: 1
  }
}
