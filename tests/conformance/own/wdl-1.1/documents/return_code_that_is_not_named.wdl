version 1.1

task t {
  command <<<
    exit 4
  >>>
  runtime {
    returnCodes: [0, 3]
  }
}
