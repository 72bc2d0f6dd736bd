version 1.2

task t {
  command <<< >>>
}
