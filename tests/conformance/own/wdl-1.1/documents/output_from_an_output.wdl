version 1.1

workflow w {
  output {
    Int b = a + 1
    Int a = 1
    File f = write_lines(["x"])
    String s = read_string(f)
  }
}
