version 1.3

import "lib.wdl" alias Renamed as Mine
import "lib.wdl" as again alias Renamed as Other

# the same in all
enum Same { A, B }

# explicit here, implicit there
enum Typed[String] { A = "a", B = "b" }

enum Ordered { B, A }

struct Kind {
  String a
}

enum Renamed { C, D }

workflow w {
  Mine mine = Mine.A
  Other other = Mine.B
  Boolean equal = Mine.A == Other.A
  call lib.t { given = Other.A }
  Mine back = t.out
  Boolean never = Mine.A == Same.A
  Renamed wrong = t.out
  call lib.t as u { given = Renamed.C }
}
