version 1.2
workflow w {
	Int 你 = 1
	String s = "你好" 3
}