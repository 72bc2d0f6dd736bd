version 1.1

import "tasks.wdl" as tasks
import "order.wdl" as order

struct Row {
  Int n
  String s
}

workflow w {
  input {
    Attributes attributes
    Array[Attributes] more
  }

  call tasks.t {
    input:
      attributes = attributes,
  }

  output {
    Int n = attributes.n
    Row row = order.row
    Map[Pair[Int, String], Int] by_pair = {(1, "a"): 2}
    Map[String?, Int] by_text = {"a": 1}
  }

  call order.order
}
