version 1.2

struct Person {
  String name
}

task greet {
  input {
    String greeting
  }
  command <<<
    echo ~{greting} ~{out}
  >>>
  output {
    String out = read_strng(stdout())
  }
}

workflow unknown_names {
  input {
    Person person
    Persn other
  }
  call greet { greeting = person.nam }
  call gret
  call lib.greet as again
  String a = Person
  String b = greet
  Int c = greet.otu
  String d = nothing_known + 1
  Pair[Int, Int] p = (1, 2)
  Int e = p.middle
  Int f = c.member
}
