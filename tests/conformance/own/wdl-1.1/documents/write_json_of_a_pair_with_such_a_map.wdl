version 1.1

workflow w {
  output {
    File f = write_json(("a", { 1: "b" }))
  }
}
