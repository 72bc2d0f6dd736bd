version 1.1

struct Node {
  Int n
  Array[Node] more
}

workflow w {
  output {
    Int x = 1
  }
}
