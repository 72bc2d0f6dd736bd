version 1.0

task t {
  command {
    true
  }
  requirements {
    cpu: 1
  }
}
