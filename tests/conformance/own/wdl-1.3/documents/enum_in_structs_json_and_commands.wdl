version 1.3

struct Thing {
  Color color
  Level? level
}

enum Level[Int] {
  low = 1,
  high = 10
}

enum Color {
  red,
  green,
  blue,
}

task t {
  input {
    Thing thing
    env Color mine = Color.blue
  }
  command <<<
    echo "~{thing.color} $mine"; cat ~{write_json(thing)}
  >>>
  output {
    Array[String] out = read_lines(stdout())
    Thing same = thing
  }
}
