version 1.2

task t {
  String n = task.name
  command <<<>>>
}
