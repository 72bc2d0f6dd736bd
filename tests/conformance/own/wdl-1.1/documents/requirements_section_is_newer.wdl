version 1.1

task t {
  command <<<>>>
  requirements {
    cpu: 1
  }
}
