version 1.2

import tasks.wdl as tasks

struct Sample {
  String name
  Int = 3
  File reads
}

task first {
  input {
    String name
    Int threads 4
    Array[File files
    Boolean ok = true
  }
  Int x = (1 + 2
  Int y = [1, 2
  String z = "unclosed
  String good = "good"
  command <<<
    echo ~{name +} ~{} ~{x y} ~{good}
  >>>
  output {
    String a = 
    String b = "b"
    Int c = 1 +* 2
  }
  requirements {
    container "ubuntu"
    cpu: 2
    memory: "1" "2"
  }
}

workflow second {
  input { Int n }
  call first { input name = "x" }
  call first as again {
    name = "y",
    threads = ,
    ok = false
  }
  scatter (i in range(n) {
    Int j = i
  }
  if n > 3 {
    Int k = 1
  }
  Int m = n n
  output { Int o = n }
}

task third {
  command <<<>>>
  output { Int x = 3x }
}
