version 1.2

task t {
  command <<<
    ln -s nowhere broken.txt
  >>>
  output {
    File broken = "broken.txt"
  }
}
