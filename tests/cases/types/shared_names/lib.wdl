version 1.1

struct Person {
  String name
}

task t {
  command <<< >>>
}
