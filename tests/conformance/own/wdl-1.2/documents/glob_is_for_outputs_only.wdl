version 1.2

task t {
  Array[File] xs = glob("*")
  command <<<>>>
}
