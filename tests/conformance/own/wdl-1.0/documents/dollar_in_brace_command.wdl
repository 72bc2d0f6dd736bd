version 1.0

task t {
  input {
    String x
  }
  command {
    echo "${x} ~{x} $HOME" | cut -d " " -f 1-2
  }
  output {
    String out = read_string(stdout())
  }
}
