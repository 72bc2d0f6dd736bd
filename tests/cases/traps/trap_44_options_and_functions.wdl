version 1.1


workflow w {
  input { String? none }
  Int sep = 3
  String default = "d"
  Array[Int] xs = [1, 2]
  output {
    String one = "~{sep(', ', xs)} ~{sep=', ' prefix('-', xs)}"
    String two = "~{true='\t' false='' sep == 3}|~{default='x' none}|~{sep} ~{default}"
    String three = '~{sep="\n" xs}'
    Boolean four = sep == 3 && default == 'd'
  }
}
