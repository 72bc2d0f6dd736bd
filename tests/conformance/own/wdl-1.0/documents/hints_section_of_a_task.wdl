version 1.0

task t {
  command {
    true
  }
  hints {
    short_task: true
  }
}
