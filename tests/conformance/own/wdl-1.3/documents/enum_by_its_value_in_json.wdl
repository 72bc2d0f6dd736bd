version 1.3

enum Level[Int] {
  low = 1,
  high = 10
}

workflow w {
  input {
    Level x
  }
  output {
    Level y = x
  }
}
