version 1.0

struct Marked {
  String name
  meta {
    about: "x"
  }
}

workflow w {
  output {
    Int one = 1
  }
}
