version 1.2

task t {
  input {
    Directory d
  }
  command <<<
    mkdir -p made/deep; cp ~{d}/a.txt made/deep/; ls ~{d} | wc -l
  >>>
  output {
    Directory made = "made"
    Int n = read_int(stdout())
    String name = basename(d)
    String text = read_string("made/deep/a.txt")
    Directory? gone = "gone"
  }
}
