version 1.1

struct Other {
  Int x
}

task task_inside {
  command <<< >>>
}
