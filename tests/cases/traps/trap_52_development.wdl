version development


workflow w {
  input {  }

  output {
    Array[Int] n = select_all([None, 1])
  }
}
