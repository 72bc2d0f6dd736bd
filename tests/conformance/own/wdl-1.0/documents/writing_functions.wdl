version 1.0

task t {
  input {
    Map[String, String] m
  }
  Array[Object] objects = [object { a: "1", b: "2" }, object { a: "3", b: "4" }]
  command <<<
    cat ~{write_lines(["x", "y"])} ~{write_lines([])} ~{write_tsv([["a", "b"], ["c", "d"]])} ~{write_map(m)}
    cat ~{write_object(objects[0])} ~{write_objects(objects)} ~{write_json([1, 2])}
  >>>
  output {
    Array[String] lines = read_lines(stdout())
  }
}
