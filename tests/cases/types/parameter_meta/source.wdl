version 1.2

struct Person {
  String name
  parameter_meta {
    name: "the name"
    nmae: "misspelt"
  }
}

task t {
  input {
    Int reads
  }
  Int private = 1
  command <<< >>>
  output {
    Int written = 1
  }
  parameter_meta {
    reads: "how many"
    written: "how many"
    private: "not to be described"
  }
}

workflow w {
  input {
    Int reads
  }
  parameter_meta {
    read: "misspelt"
  }
}
