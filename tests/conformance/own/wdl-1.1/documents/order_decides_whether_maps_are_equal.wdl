version 1.1

workflow w {
  Object o = object { x: 1, y: 2 }
  Object q = object { y: 2, x: 1 }
  output {
    Boolean a = { "x": 1, "y": 2 } == { "y": 2, "x": 1 }
    Boolean b = { "x": 1 } == { "x": 1 }
    Boolean c = o == q
  }
}
