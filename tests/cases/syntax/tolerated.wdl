version 1.2

task a {
  input {
    String in
    String object
    String version
    Array[String] xs
    String? s
  }
  String pattern = "a\.b\|c \x41 \t\n"
  Int x = +1
  command {
    echo ~{in} ${object} ~{version} ~{default="-" sep="," xs} ~{default=2000 s} ~{true="y" false="n" x == 1}
  }
  runtime {
    docker: "ubuntu",
    "memory": "1 GB",
    cpu: 1
  }
  parameter_meta {
    s: "about ~{s}",
    in: {"help": 'its', n: [1, -2.5, null, true, {}],}
  }
}
