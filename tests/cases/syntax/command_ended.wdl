version 1.0

task columns {
  input {
    File table
  }
  command {
    awk '{print $1}' ~{table} > "${out}"
    if [ -f x ]; then { echo; }; fi
  }
  output {
    File out = stdout()
  }
  runtime {
    docker: "ubuntu:22.04"
  }
}

task closed_on_its_line {
  command { echo ${1} } 'x' }
  output {
    String text = read_string(stdout())
  }
}

task after {
  command {}
  output {
    Int a = true
  }
}
