# an old workflow
import "tasks.wdl" as tasks

workflow old {
  Array[File] files
  scatter (f in files) { call tasks.count { input: f = f } }
  output { count.* }
}
