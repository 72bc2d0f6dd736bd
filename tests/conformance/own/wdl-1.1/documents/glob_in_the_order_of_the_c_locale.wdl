version 1.1

task t {
  command <<<
    touch b.txt B.txt a.txt .hidden.txt
    mkdir d.txt
    ln -s a.txt link.txt
  >>>
  output {
    Array[File] files = glob("*.txt")
    Array[File] none = glob("*.csv")
  }
}
