version 1.2

task t {
  input { File f }
  command <<< grep -c '~{f}' ~{write_json({"f": [f]})}; grep -c '~{f}' ~{write_map({"f": f})} >>>
  output { Array[String] counts = read_lines(stdout()) }
}
