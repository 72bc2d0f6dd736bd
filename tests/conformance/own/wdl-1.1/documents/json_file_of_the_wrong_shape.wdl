version 1.1

workflow w {
  output {
    Array[Int] a = read_json("data/person.json")
  }
}
