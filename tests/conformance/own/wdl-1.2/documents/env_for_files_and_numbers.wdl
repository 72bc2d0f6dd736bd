version 1.2

task t {
  input {
    env File path
    env Float number = 3
    env String? maybe
  }
  command <<<
    cat "$path"; test "$path" = "~{path}" && echo "same $number $maybe."
  >>>
  output {
    Array[String] out = read_lines(stdout())
  }
}
