version 1.0

task placeholders {
  input {
    Array[File] files
    Array[Array[Int]] table
    Boolean flag
    Boolean? maybe
    Int? number
    Map[String, Int] counts
    String text
  }
  command {
    echo ~{sep=" " files} ~{sep="," table} ~{sep="," text} ~{sep="," prefix("-I ", files)}
    echo ~{true="yes" false="no" flag} ~{true="yes" false="no" maybe} ~{true="yes" flag} ~{true="a" false="b" text}
    echo ~{default="none" number} ~{default=1 number} ~{default="" sep="," files}
    echo ~{files} ~{counts} ~{number} ~{"nested ~{text + number}"}
  }
}
