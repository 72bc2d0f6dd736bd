version 1.2

task t {
  input { Int n = 1  String? text }
  command <<< echo ~{n} >>>
  output { Int out = read_int(stdout()) }
}

workflow w {
  call t as first after last
  Int n = first.out + 1
  call t as second { n }
  if (second.out > 1) {
    scatter (i in range(second.out)) { Int k = i + third.out }
  }
  call t as third { n = 5, text = "~{"~{second.out}"}" }
  call t as last
  output {
    Array[Int]? ks = k
    String text = "~{sep(",", prefix("~{first.out}", [last.out]))}"
  }
}
