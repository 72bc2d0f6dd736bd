version 1.1

workflow w {
  output {
    Boolean a = read_boolean("data/no.txt")
    Float b = read_float("data/seven.txt")
    Int c = read_int("data/seven.txt")
  }
}
