version 1.2

workflow w {
  output {
    String a = <<<
			x
				y
			>>>
  }
}
