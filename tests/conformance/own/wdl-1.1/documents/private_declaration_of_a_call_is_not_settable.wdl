version 1.1

task t {
  Int hidden = 1
  command <<<>>>
  output {
    Int shown = hidden
  }
}

workflow w {
  call t { input: hidden = 2 }
  output {
    Int x = t.shown
  }
}
