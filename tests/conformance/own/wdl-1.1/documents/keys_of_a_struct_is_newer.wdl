version 1.1

workflow w {
  output {
    Array[String] a = keys(object { a: 1 })
  }
}
