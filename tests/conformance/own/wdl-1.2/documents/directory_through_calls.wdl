version 1.2

task make {
  command <<<
    mkdir -p out/in; echo deep > out/in/x.txt
  >>>
  output {
    Directory d = "out"
  }
}

task use {
  input {
    Directory d
    File? inside
  }
  command <<<
    cat ~{d}/in/x.txt; touch ~{d}/new 2> /dev/null; ls ~{d} | wc -l
  >>>
  output {
    Array[String] lines = read_lines(stdout())
  }
}

workflow w {
  call make
  call use { d = make.d }
  output {
    String first = use.lines[0]
  }
}
