version 1.0

workflow w {
  String s = "data/two_lines.txt"
  File f = s
  output {
    String name = basename(s)
    String text = read_string(s)
    String back = f
  }
}
