version 1.1

task t {
  command <<<
    exit 250
  >>>
  output {
    Int x = 1
  }
  runtime {
    returnCodes: "*"
  }
}
