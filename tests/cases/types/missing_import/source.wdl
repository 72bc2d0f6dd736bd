version 1.1

import "nowhere.wdl" as nowhere

workflow w {
  input {
    FromNowhere a
    string b
  }
}
