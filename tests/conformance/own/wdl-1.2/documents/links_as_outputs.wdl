version 1.2

task t {
  input {
    File f
  }
  command <<<
    echo made > real.txt; ln -s real.txt inner.txt; ln -s ~{f} outer.txt; ln -s nowhere broken.txt
  >>>
  output {
    File inner = "inner.txt"
    File outer = "outer.txt"
    File? broken = "broken.txt"
    String a = read_string(inner)
    String b = read_string(outer)
    Array[File] all = glob("*.txt")
  }
}
