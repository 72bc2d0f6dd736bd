version 1.3

task helper {
  command <<< >>>
}
