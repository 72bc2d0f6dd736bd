version 1.2


workflow w {
  input {  }

  output {
    String text = read_string(write_json((1, 2)))
  }
}
