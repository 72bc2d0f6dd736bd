version 1.1

workflow w {
  output {
    Int c = read_int("data/pi.txt")
  }
}
