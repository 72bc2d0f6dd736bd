version 1.0

task old {
  File reads
  Int? lines
  String name = basename(reads)
  command <<< head -n ~{lines} ~{reads} > ~{name} >>>
}

task mixed {
  input {
    Int a
  }
  Int b
  command <<< >>>
}

workflow w {
  Array[File] samples
  scatter (sample in samples) {
    Int inside
    call old { input: reads = sample }
  }
}
