version 1.2

import tasks/align.wdl
import lib
import https://example.org/a.wdl as a
import * from "lib.wdl"
import { align as map } from "lib.wdl"
