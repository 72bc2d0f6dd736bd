version 1.2


workflow w {
  input {  }
  Map[Int, Int] m = {1: 2}
  output {
    String text = read_string(write_json(m))
  }
}
