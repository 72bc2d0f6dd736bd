version 1.0

task t {
  input {
    Int wanted
  }
  command <<< >>>
  output {
    Int out = wanted
    Float f = read_string(stdout())
    Map[String, Float] m = read_map(stdout())
  }
}

workflow w {
  input {
    Array[Int] items
    Int? disk
  }
  call t
  scatter (item in items) {
    call t as inner { input: wanted = item }
  }
  String size = "local-disk " + disk + " HDD"
  Array[String] mixed = [1, "a", 2.5]
  Array[Int] numbers = ["1", "2"]
  Int not_a_number = "one"
  Int whole = 3.0
  Int not_whole = 3.5
  String number = t.out
  File lines = write_lines([1, 2])
  Object o = object { a: 1, b: "x" }
  Int member = o.a
  Map[String, String] heterogeneous = {"a": 1, "b": "x"}
  Map[String, Int] from_pairs = [("a", 1)]
}
