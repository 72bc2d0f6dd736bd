version 1.1

task t {
  command <<<
    echo "a b" | awk '{ print $2 }'
    f() { echo "${1}"; }
    f c
    cat <<< "d" | sed 's/>>/x/'
  >>>
  output {
    Array[String] x = read_lines(stdout())
  }
}
