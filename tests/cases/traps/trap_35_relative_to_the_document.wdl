version 1.2

import "deep/sub.wdl"

workflow w {
  input { File given }
  File f = "data.txt"
  call sub.inner
  output {
    String one = read_string(f)
    String two = inner.text
    String three = read_string(given)
  }
}
