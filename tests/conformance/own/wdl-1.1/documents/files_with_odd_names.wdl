version 1.1

task t {
  input {
    Array[File] files
  }
  command <<<
    while read -r f; do cat "$f"; done < ~{write_lines(files)}
  >>>
  output {
    String all = read_string(stdout())
    Array[File] same = files
    String name = basename(files[1])
  }
}
