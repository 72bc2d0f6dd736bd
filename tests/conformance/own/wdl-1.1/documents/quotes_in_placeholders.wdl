version 1.1

workflow w {
  input {
    Boolean yes = true
  }
  output {
    String a = "~{if yes then "it's ~{'"x"'}" else 'no'}"
    String b = "a ~{"b ~{"c ~{1 + 1}"}"}"
    String c = '~' + "$" + "\~{x}"
  }
}
