version 1.2

task t {
  command <<<
    cat ~{write_lines(["x"])} > made
    echo e >&2
  >>>
  output { Array[File] all = glob("*")  String e = read_string(stderr()) }
}
