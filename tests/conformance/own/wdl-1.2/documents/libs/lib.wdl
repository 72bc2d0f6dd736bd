version 1.2

workflow lib {
  File f = "beside.txt"
  output {
    String text = read_string(f)
  }
}
