version 1.2

task t {
  command <<<
    echo "~{if true then "}" else '{'}" "~{'>>' + ">"}" | cat
    cat <<'EOF'
    $HOME `id` \n ${x}
    EOF
    cat <<< "\>>>"
  >>>
  output {
    Array[String] x = read_lines(stdout())
  }
}
