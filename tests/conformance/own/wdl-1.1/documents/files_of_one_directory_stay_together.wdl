version 1.1

task t {
  input {
    File bam
    File index
    File other
  }
  command <<<
    test "$(dirname ~{bam})" = "$(dirname ~{index})" && cat "~{bam}.bai" ~{other}
  >>>
  output {
    String text = read_string(stdout())
  }
}
