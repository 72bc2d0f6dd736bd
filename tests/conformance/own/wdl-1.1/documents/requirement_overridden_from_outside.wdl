version 1.1

task t {
  command <<<
    exit 5
  >>>
  output {
    Int x = 1
  }
  runtime {
    returnCodes: 0
  }
}

workflow w {
  call t
  output {
    Int x = t.x
  }
}
