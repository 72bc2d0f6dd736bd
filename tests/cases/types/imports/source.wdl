version 1.1

import "missing.wdl" as missing
import "directory.wdl" as directory
import "not-an-identifier.wdl"
import "cycle.wdl" as cycle
import "newer.wdl" as newer
import "https://example.com/remote.wdl" as remote
import "" as empty
import "lib/inner.wdl" alias Nothing as Something alias Known as Renamed

workflow imports {
  input {
    FromMissing unknown_because_of_the_import
    Renamed renamed
  }
  call missing.task_of_it { input: a = 1 }
  String no_follow_up = task_of_it.out.more
  Int renamed_member = renamed.other.x
  call inner.deep
  call inner.deeper.task_inside
  output {
    String also_none = missing_out
  }
}
