version 1.2

workflow w {
  output {
    Int a = length("héllo")
    Int b = length({ "k": 1 })
    Int c = length(object { x: 1, y: 2 })
    Int d = length([])
    Int e = length("")
  }
}
