version 1.0

workflow w {
  output {
    Array[String] lines = read_lines("data/table.tsv")
    Array[Array[String]] rows = read_tsv("data/table.tsv")
    Map[String, String] pairs = read_map("data/table.tsv")
    Int i = read_int("data/number.txt")
    Float f = read_float("data/number.txt")
    Boolean b = read_boolean("data/truth.txt")
    Array[Object] objects = read_objects("data/objects.tsv")
    Object o = read_object("data/object.tsv")
    Map[String, Array[Int]] j = read_json("data/map.json")
  }
}
