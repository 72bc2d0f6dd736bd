version 1.0

task t {
  command {
    exit 7
  }
  output {
    Int x = 1
  }
}
