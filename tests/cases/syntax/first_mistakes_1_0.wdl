version 1.0

workflow w {
  call t { x = 1, y = 2 }
  call t as u { input: x }
  Int? none = None
  Person p = Person { name: "a" }
  if (true) {
    Int a = 1
  } else {
    Int b = 1
  }
  String s = <<<a>>>
}

task t {
  command <<<>>>
  requirements {
    cpu: 1
  }
}
