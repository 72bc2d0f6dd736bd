version 1.1

task t {
  input {
    Int wanted
    Int with_default = 1
    Int? may_lack
  }
  command <<< >>>
  output {
    Int? maybe = may_lack
  }
}

workflow optionals {
  input {
    Int? x
    String? s
    Array[Int]? xs
    Pair[Int, Int]? p
  }
  Int none = None
  Int direct = x
  Int sum = x + 1
  Int summed = if defined(x) then x * 2 else 0
  String joined = "a" + s
  String lifted = "~{"a" + s} ~{x + 1}"
  Boolean less = x < 3
  Boolean equal = x == 3
  Int item = xs[0]
  Int left = p.left
  Int first = select_first([x, 1])
  Array[Int] present = select_all([x, 2])
  scatter (i in xs) {
    Int j = i
  }
  call t { input: wanted = x, with_default = x, may_lack = x }
  Int from_call = t.maybe
}
