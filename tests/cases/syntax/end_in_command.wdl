version 1.1
task a {
  command <<<
    echo "no end"
    cat << EOF
}
