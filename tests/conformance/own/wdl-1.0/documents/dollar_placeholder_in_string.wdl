version 1.0

workflow w {
  Int x = 2
  output {
    String a = "${x} and ~{x}"
    String b = '${x + 1}'
    String c = "~{if x > 1 then "big" else "small"}"
  }
}
