version 1.1

struct Sample {
  File file
  Map[String, File] more
}

task t {
  input {
    Sample sample
    Pair[String, File] pair
    Map[File, Int] counts
  }
  String joined = "~{sample.file} ~{sample.more["k"]} ~{pair.right}"
  command <<<
    cat ~{joined} ~{sep=" " keys(counts)} $(cut -f 1 ~{write_map({ "~{sample.file}": "1" })})
  >>>
  output {
    Array[String] text = read_lines(stdout())
    Sample out = sample
  }
}
