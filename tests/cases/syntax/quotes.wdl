version 1.1

workflow w {
  String joined = "x" "y"
  String quoted = 'it's'
  String "named"
  "alone"
}
