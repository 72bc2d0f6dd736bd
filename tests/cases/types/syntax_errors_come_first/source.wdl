version 1.1

workflow w {
  Array[Int] broken = [1, 2
  Int uses_it = broken[0] + unknown
  Int still_checked = "text"
}
