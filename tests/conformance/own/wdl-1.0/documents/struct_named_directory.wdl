version 1.0

struct Directory {
  String street
  Int houses
}

task count {
  input {
    Directory street
    Array[Directory] others = []
  }
  command <<<
    echo ~{street.houses + length(others)}
  >>>
  output {
    Directory longer = object { street: street.street, houses: read_int(stdout()) }
  }
}

workflow w {
  call count { input: street = object { street: "Elm", houses: 7 } }
  output {
    Int houses = count.longer.houses
    Directory whole = count.longer
  }
}
