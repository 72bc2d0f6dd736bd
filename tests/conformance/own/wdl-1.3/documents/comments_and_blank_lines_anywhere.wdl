version 1.3

# before the version is allowed too

workflow w {
  output {
    Int a = (1 # one
    + 2)  # two
  }
}
