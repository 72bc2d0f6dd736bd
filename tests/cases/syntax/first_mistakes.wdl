version 1.1

from "lib.wdl" import align
import lib

task sections {
  inputs {
    Int count
  }
  commands <<<
    echo
  >>>
  command: <<<
    echo
  >>>
  runtime: {
    docker = "ubuntu"
    memory: 4 GB
    image: ubuntu:22.04
    registry: quay.io/a/b:1.0--2
    cpu: 2
  }
  output {
    count = 1
    File "x.txt"
    Int = 3
  }
}

task declarations {
  input {
    alone
    Int fine
    typed: Int
    optional Int maybe
    Optional[Int] perhaps
    Array<Int> angles
    List[Int] items
    Int 1st
    Int a-b
  }
  command <<<>>>
}

task calls_something {
  call other
  scatter (x in [1]) { }
  command "echo"
}

task placeholders {
  command <<<
    echo ~{}
    echo ~{sepp="," xs}
    echo ~{count
    echo fine
  >>>
}

task of_the_shell {
  command {
    echo ${x:-1}
    echo ${#x}
    echo ${x%.bam}
  }
}

workflow w {
  for (x in xs) {
    Int a = x
  }
  for x in xs {
    Int b = x
  }
  while (true) {
    Int c = 1
  }
  if (a = 1) {
    Int d = 1
  } elif (b) {
    Int e = 1
  }
  scatter x in xs {
    Int g = x
  }
  call t(x = 1)
  call t as t2 { inputs: x = 1 }
  call t as t3 { input: x: 1 }
  call t as t4 { input: x = 1 y = 2 }
  t()
  t
  runtime { cpu: 1 }
  command <<< >>>
}

workflow values {
  Boolean a = x = 1
  Boolean b = not true
  Boolean c = true and false
  String d = f"{x}"
  String e = $x
  String f = ~{x}
  Int g = xs.length()
  Int h = if true then 1
  Int i = if true 1 else 2
  Int j = xs[0:2]
  Int k = floor(x = 1)
  Map[String, Int] l = {"a" = 1}
  Object m = object { a = 1 }
  Array[Int] n = [1 2]
  Int o = (1 + 2))
  Int p = length(xs
  Int q = 1
  q += 2
  String r = "a" + 'b
  String s = "several
    lines"
  Int last = 1
}

workflow unclosed {
  if (true) {
    Int x = 1
  output {
    Int y = 1
  }
}
}
