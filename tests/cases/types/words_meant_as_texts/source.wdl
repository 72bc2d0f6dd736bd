version 1.0

struct Person {
  String name
}

task t {
  command {}
  runtime {
    docker: ubuntu
  }
}

workflow w {
  Person ada = {name: "Ada"}
  Map[String, Int] ages = {bob: 1, "eve": 2}
}
