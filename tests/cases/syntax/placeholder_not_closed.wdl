version 1.2

task t {
  input {
    Array[String] names
  }
  command <<<
    echo ~{names[0]
  >>>
}

task u {
  command <<<
    echo ~{1 + 2
    echo ~{ >>>
}

workflow w {
  return t.out
}
