version 1.3

enum Color {
  red,
  green,
  blue,
}

task t {
  input {
    Color c
    Array[Color] more = []
  }
  command <<<
    echo ~{c} ~{sep(",", more)}
  >>>
  output {
    Color same = c
    String text = read_string(stdout())
    Map[String, Color] read = read_json(write_json({ "k": c }))
  }
}

workflow w {
  call t { c = Color.red, more = [Color.blue, Color.green] }
  output {
    Color a = t.same
    String b = t.text
    Map[String, Color] d = t.read
  }
}
