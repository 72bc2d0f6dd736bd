version 1.1

task t {
  Int hidden = 1
  command <<<>>>
  output {
    Int shown = 2
  }
}

workflow w {
  call t
  output {
    Int x = t.hidden
  }
}
