version 1.0

task t {
  input {
    env String x = "a"
  }
  command {
    echo $x
  }
}
