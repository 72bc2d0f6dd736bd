version 1.2

task t {
  command <<<
    mkdir -p d/e; echo x > d/e/f.txt; echo y > d/g.txt
  >>>
  output {
    Directory d = "d"
    File f = "d/e/f.txt"
    Array[File] g = glob("d/*")
    Float n = size(d)
  }
}
