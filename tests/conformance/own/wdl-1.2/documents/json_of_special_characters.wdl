version 1.2

workflow w {
  output {
    String a = read_json("data/special.json")
    String b = read_string(write_json(["\"\\\né\t"]))
  }
}
