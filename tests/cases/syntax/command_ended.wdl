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

task closed_with_its_command {
  command {
    python -c "print({'a': {'b': 1}})"
    echo done
  }
  output {
    Int a = 1
  }
}

task closed_after_its_command {
  command {
    greet() { echo hello; }
    greet you
    greet
  }
  runtime {
    docker: "ubuntu:22.04"
  }
}

task not_closed_early {
  command {
    echo "{"
  }
}

workflow w {}
