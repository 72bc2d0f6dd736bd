version 1.0

task t {
  command {
    true
  }
  output {
    File gone = "gone.txt"
  }
}
