version 1.2

task t {
  input { Array[File] files  File bam  File bai }
  command <<<
    while read -r path; do cat "$path"; basename "$path"; done < ~{write_lines(files)}
    cat "$(dirname '~{bam}')/$(basename '~{bai}')"
  >>>
  output { Array[String] lines = read_lines(stdout()) }
}
