version 1.2

task t {
  command <<<
    exit 9
  >>>
  output {
    Int x = 1
  }
  requirements {
    returnCodes: 9
    maxRetries: 0
  }
}
