version 1.1

task t {
  input {
    Int count
    Boolean given = True
  }
  String? nothing = null
  command {
    for sample in a b; do echo ${sample}; done
    # ~{nothing_here}
    echo ~{cuont}
  }
  runtime {
    docker: ubuntu
  }
  output {
    File out = stdout
  }
}

workflow w {
  call t as first { input: count = 1 }
  str a = "a"
  List[Int] b = []
  output {
    File out = t.out
    File outt = first.uot
    Int attempt = task.attempt
  }
}
