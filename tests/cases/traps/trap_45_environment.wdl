version 1.2

task t {
  input {
    env String text = "it's \"$HOME\" `date` \\ x\ny"
    env File file
    env Float real = 1.5
  }
  command <<<
    printf '%s\n' "$text" "$real"
    cat "$file"
    [ "$file" = '~{file}' ] && echo same
  >>>
  output { Array[String] lines = read_lines(stdout()) }
}
