version 1.1

task t { command <<<>>> }

task u {
  command {}
  output { Int n = 1 }
}

workflow w {
  call t
  call u
  output { Int n = u.n + 1 }
}
