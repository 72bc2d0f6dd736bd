version 1.0

task greet {
  String name = "World"
  String shown = "~{name}!"
  command <<< echo ~{shown} >>>
}

task sectioned {
  input {
    Int n
  }
  Int private = 1
  command <<< >>>
}

workflow w {
  call greet { input: name = "Ada" }
  call greet as again { input: shown = 1, nam = "Ada" }
  call sectioned { input: n = 1, private = 2 }
}
