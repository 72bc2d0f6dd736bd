version 1.3

enum Same { A, B }

enum Typed { A = "a", B = "b" }

enum Ordered { A, B }

enum Kind { A, B }

enum Renamed { A, B }

task t {
  input {
    Renamed given
  }
  command <<< ~{given} >>>
  output {
    Renamed out = given
  }
}
