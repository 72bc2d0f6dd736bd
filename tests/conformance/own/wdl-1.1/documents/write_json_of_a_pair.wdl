version 1.1

workflow w {
  output {
    String s = read_string(write_json((1, 2)))
  }
}
