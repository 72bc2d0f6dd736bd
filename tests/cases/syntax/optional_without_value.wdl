version 1.0

task t {
  input {
    String name
  }
  File? nothing
  Int something
  command <<< echo ~{name} ~{default="none" nothing} >>>
}

workflow w {
  input {
    Boolean choose
  }
  String? unsaid
  if (choose) {
    Array[File]? inside
    call t { input: name = "x" }
  }
  output {
    Int? late
  }
}
