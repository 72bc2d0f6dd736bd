version 1.2

struct Pair2 {
  Int left,
  Int right
}

task t {
  inputs {
    Int x
  }
  command <<< >>>
}

workflow w {
  x = 1
  Int a = 2;
  Int b = 3 // three
  Boolean c = true and false
  Boolean d = c ? true : false
}
