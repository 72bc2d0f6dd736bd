version 1.2

task bad {
  command <<<
    exit 8
  >>>
  output {
    Int x = 1
  }
}

workflow w {
  call bad
  Int y = bad.x + 1
  output {
    Int x = y
  }
}
