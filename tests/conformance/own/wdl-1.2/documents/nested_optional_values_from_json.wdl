version 1.2

workflow w {
  input {
    Array[Map[String, Int?]?] v
  }
  output {
    Array[Map[String, Int?]?] x = v
    Int n = length(select_all(v))
  }
}
