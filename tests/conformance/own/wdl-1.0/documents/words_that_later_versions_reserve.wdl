version 1.0

workflow w {
  input {
    Array[Int] Directory = [1, 2]
    Int hints = 3
    Int requirements
  }

  scatter (enum in [hints]) {
    Int after = enum
  }

  output {
    Int sum = Directory[0] + Directory[1] + hints + requirements
    Int indexed = if Directory == [1, 2] then Directory[1] else 0
    Array[Int] env = after
  }
}
