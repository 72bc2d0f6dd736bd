version 1.2

struct Row {
  Int x
  String y
}

workflow w {
  output {
    Array[Object] a = read_tsv("data/rows.tsv", true)
    Array[Object] b = read_tsv("data/plain.tsv", false, ["x", "y"])
    Array[Object] c = read_tsv("data/rows.tsv", true, ["x", "y"])
    Array[String] d = read_lines(write_tsv([["1", "2"]], true, ["x", "y"]))
    Array[String] e = read_lines(write_tsv([Row { x: 1, y: "b" }], true))
    Array[String] f = read_lines(write_tsv([Row { x: 1, y: "b" }]))
    Array[String] g = read_lines(write_tsv([Row { x: 1, y: "b" }], true, ["p", "q"]))
  }
}
