version 1.2


workflow w {
  input {  }
  String inner = "\n    deep"
  String mixed = <<<
	  a
 	 b~{inner}
   >>>
  String blank = <<<

    a

  >>>
  output {
    String one = mixed
    String two = blank
  }
}
