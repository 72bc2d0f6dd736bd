version 1.0

task t {
  command <<<
    if true; then

      printf "a\tb\n"
    fi
    cat <<EOF
    indented
      more
    EOF
  >>>
  output {
    Array[String] lines = read_lines(stdout())
  }
}
