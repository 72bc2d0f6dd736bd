version 1.0

task t {
  command <<<
    cat <<EOF
    a

  
      b
    EOF
  >>>
  output { String text = read_string(stdout()) }
}
