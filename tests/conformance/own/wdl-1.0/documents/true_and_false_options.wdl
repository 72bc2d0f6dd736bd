version 1.0

workflow w {
  Boolean b = true
  output {
    String a = "~{true='--yes' false="--no" b}"
    String c = "~{true='--yes' false='' !b}"
  }
}
