version 1.1


workflow w {
  input { String? none  Int? some = 3 }

  output {
    String inside = "[~{"-n " + none}] ~{"a" + "b" + none + 1}"
    String given = "~{"-k " + some}"
  }
}
