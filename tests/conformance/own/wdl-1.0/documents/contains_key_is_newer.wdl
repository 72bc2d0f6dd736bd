version 1.0

workflow w {
  output {
    Boolean a = contains_key({ "k": 1 }, "k")
  }
}
