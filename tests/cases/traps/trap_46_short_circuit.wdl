version 1.0


workflow w {
  input { Int? none }

  output {
    Array[Boolean] results = [defined(none) && select_first([none]) > 1, !defined(none) || select_first([none]) > 1]
    Int branch = if defined(none) then select_first([none]) else 1 / 1
    Int safe = if true then 1 else 1 / (1 - 1)
  }
}
