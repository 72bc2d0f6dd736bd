version 1.0

enum Color { Red, Green }

struct Person {
  String name
  meta { description: "someone" }
}

task a {
  input {
    env String x
    Directory d
    String? y = None
  }
  Person p = Person { name: "x" }
  String long = <<<
    long
  >>>
  Int n = 2 ** 3
  command <<< >>>
  requirements { cpu: 1 }
  hints { short_task: true }
}

workflow w {
  input { Int z }
  call a { input: z }
  call a as b after a { z = z }
  if (true) { Int i = 1 } else if (false) { Int i = 2 } else { Int i = 3 }
}
