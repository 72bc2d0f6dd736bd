version 1.2


workflow w {
  input {  }
  Float tenth = 0.1 + 0.2
  output {
    String text = "~{3.141} ~{1e-10} ~{3.141e10} ~{-0.5}"
    Array[String] texts = prefix("", [1.0, 2.25])
    String written = read_string(write_lines(["~{tenth}"])) + read_string(write_tsv([[1.5 + ""]]))
    Float exact = tenth
    Float whole = 3.0
    String json = read_string(write_json([3.0, tenth]))
  }
}
