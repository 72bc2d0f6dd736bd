version 1.2

workflow w {
  output {
    Boolean a = contains([1, None], None)
    Boolean b = contains(["a"], "b")
    Boolean c = contains([1.0, 2.0], 2)
    Boolean d = contains([], 1)
  }
}
