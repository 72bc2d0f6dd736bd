version 1.2

task brace {
  command { echo "a~{"}"}b" ; echo "${"}"}" }
  output { Array[String] lines = read_lines(stdout()) }
}

task angles {
  String quoted = <<< a \>>> b >> c >>>
  command <<<
    echo '~{quoted}' }
    cat <<< "x"
    echo "~{">>>"}"
  >>>
  output { Array[String] lines = read_lines(stdout()) }
}

workflow w {
  call brace
  call angles
  output {
    Array[String] one = brace.lines
    Array[String] two = angles.lines
  }
}
