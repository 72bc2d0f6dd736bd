version 1.2


workflow w {
  input {  }
  Boolean yes = true
  output {
    String one = "~{if yes then "x~{"y" + "~{1}"}" else 'z'}"
    String two = '~{'~{"q"}' + "~{'r'}"}'
    String three = "~{"~{"~{"deep"}"}"}"
  }
}
