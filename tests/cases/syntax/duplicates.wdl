version 1.2

task a {
  input { Int x }
  input { Int y }
  command <<<>>>
  command <<< twice >>>
  runtime { cpu: 1 cpu: 2 }
  requirements { memory: "1 GB" }
  meta { a: 1 a: 2 }
}

workflow b {
  call a { x = 1, x = 2 }
  String s = "~{sep="," sep=";" [1]}"
}

workflow c {}
