version 1.2

task t {
  command <<<
    mkdir d; touch d/in B a .hidden chr10 chr2 "sp ace" "q[1]"
    ln -s a link; ln -s d linked_directory; ln -s nowhere broken
  >>>
  output {
    Array[File] all = glob("*")
    Array[File] hidden = glob(".h*")
    Array[File] inside = glob("**/i*")
    Array[File] braces = glob("{chr{2,10},a}")
    Array[File] brackets = glob("[![:upper:]]")
    Array[File] escaped = glob("q\\[?]")
    Array[File] none = glob("*.bam")
  }
}
