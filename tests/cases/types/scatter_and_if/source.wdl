version 1.3

task t {
  input {
    Int x
  }
  command <<< >>>
  output {
    Int out = x
    File log = stdout()
  }
}

task other {
  command <<< >>>
  output {
    Float out = 1.5
  }
}

workflow blocks {
  input {
    Array[Int]+ items
    Boolean go
    Map[String, Int] counts
  }
  scatter (item in items) {
    call t { x = item }
    if (go) {
      Int maybe = t.out
    }
    Int raw = t.out
  }
  Array[Int]+ outs = t.out
  Array[Int?] maybes = maybe
  Array[Int] wrong = maybe
  if (go) {
    call t as either { x = 1 }
    Int both = 1
    String only_here = "a"
    Int differs = 1
  } else if (1) {
    call other as either
    Float both = 2.0
    Array[Int] differs = [1]
  } else {
    call t as either { x = 2 }
    Int both = 3
    Int differs = 1
  }
  Float chosen = both
  Float chosen_output = either.out
  String optional_here = only_here
  scatter (pair in counts) {
    Int no = 1
  }
  scatter (x in 5) {
    Int neither = x
  }
  Int not_visible = item
}
