version 1.1

task t {
  command <<<
    true
  >>>
  output {
    File f = "../../../../../../../../etc/passwd"
  }
}
