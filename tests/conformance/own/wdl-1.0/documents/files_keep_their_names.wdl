version 1.0

task t {
  input {
    File a
    File b
  }
  command {
    cat "${a}" "${b}" > "joined ${basename(a)}"
  }
  output {
    File out = "joined ${basename(a)}"
    String text = read_string(out)
  }
}
