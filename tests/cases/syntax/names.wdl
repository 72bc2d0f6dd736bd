version 1.3

task task {
  command <<<>>>
}

task Int {
  command <<<>>>
}

workflow w {
  input {
    String then
    String _x
    String 1st
    String naïve
    String a-b
    Int Map
  }
  call w as if
  String ok = "ok"
}
