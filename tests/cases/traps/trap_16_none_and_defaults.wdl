version 1.2

import "sub.wdl"

workflow w {
  input { Int? none  Int? p = 7  Int q = 8 }
  call sub.inner { input: a = none, b = none }
  call sub.inner as bare
  output {
    Array[Int?] given = [inner.x, inner.y, inner.z]
    Array[Int?] left_out = [bare.x, bare.y, bare.z]
    Array[Int?] own = [p, q]
  }
}
