"""How much CPU time checking a large document set takes, beside miniwdl.

In: nothing; documents are generated in a temporary directory. Out: CPU seconds of `sprocket check` the first time and
again with nothing changed, and of `miniwdl check` where it is installed (`pip install '.[oracle]'`), with the ratio.
Each is the whole process, start-up included, the best of several.

The set is a tree of imports with libraries that every document imports, and that import each other. They have structs,
tasks, scatters, calls, placeholders, the standard library, comments, and some of the habits that are not quite WDL.

    python -m benchmarks.check --lines 25000 --files 80
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

_STRUCT = """
# What is known of one sample, in document {i}.
struct Sample{i} {{
  String name
  Array[File]+ fastqs
  Map[String, Float] depths
  Int? lane
}}
"""

_TASK = """
# Aligns the reads of one sample, the {k}th way of document {i}.
task align_{k} {{
  input {{
    Sample{i} sample
    File reference
    File? index
    Map[String, Array[Int]] lanes = {{"a": [1, 2, 3], "b": [{k}]}}
    Int threads = 8
    Float factor = 1.5
    Boolean mark = true
    String extra = ""
  }}

  Int disk = ceil(size(reference, "GB") + 2.5 * size(sample.fastqs, "GB")) + 20
  String prefix = basename(sub(sample.name, "_R[12]", ""), ".fastq") + "_{k}"
  String group = '@RG\\\\tID:~{{prefix}}\\\\tSM:${{sample.name}}'
  Array[String] quoted = prefix("-i ", sample.fastqs)

  command <<<
    set -euo pipefail
    # the index lies beside the reference
    if [ -f "~{{reference}}.fai" ]; then
      echo "indexed ~{{default="nothing" index}}" >&2
    fi
    bwa mem -t ~{{threads}} -R "~{{group}}" ~{{extra}} \\
      ~{{reference}} ~{{sep=" " sample.fastqs}} ~{{sep(" ", quoted)}} \\
      | samtools sort -@ ~{{threads}} -m ~{{floor(factor * 1000)}}M \\
      ~{{if mark then "--markdup" else ""}} -o ~{{prefix}}.bam -
    for lane in ${{LANES[@]}}; do
      awk '{{ print $1, $2 }}' "lane_$lane.txt" > lane_$lane.tsv
    done
    cat ~{{write_lines(keys(lanes))}} > lanes.txt
  >>>

  output {{
    File bam = "~{{prefix}}.bam"
    Array[File] tables = glob("lane_*.tsv")
    Int reads = if mark then read_int("reads.txt") else 0
    Pair[Int, Float] figures = (read_int("n.txt"), read_float("mean.txt"))
    Array[String] names = read_lines("lanes.txt")
  }}

  runtime {{
    container: "quay.io/biocontainers/bwa:0.7.17--{k}"
    cpu: threads
    memory: "~{{ceil(factor * threads)}} GB"
    disks: "local-disk " + disk + " HDD"
    maxRetries: 2
  }}

  parameter_meta {{
    sample: {{ description: "the sample", category: "required" }}
    threads: {{ description: "number of threads", suggestions: [4, 8, 16] }}
  }}
}}
"""

_CALLS = """
  scatter (sample_{k} in samples) {{
    if (defined(index) && length(sample_{k}.fastqs) > 0) {{
      call align_{k} as left_{k} {{
        input:
          sample = sample_{k},
          reference = reference,
          index = index,
          threads = 4 * 2,
          lanes = {{"x": [1], "y": [2, 3]}}
      }}
      Int doubled_{k} = left_{k}.reads * 2 - 1
    }}
    Int counted_{k} = select_first([doubled_{k}, 0])
    String shown_{k} = "~{{sample_{k}.name}}: ~{{counted_{k}}} of " + round(sample_{k}.depths["mean"] * 2)
  }}
"""

_WORKFLOW = """
workflow step_{i} {{
  input {{
    Array[Sample{i}] samples
    File reference
    File? index
    Array[Sample{last}] others = []
  }}
{subworkflows}{calls}
  output {{
    Array[Int] counts = counted_0
    Array[String] shown = flatten([shown_0, counted_0])
  }}
}}
"""

_SUBWORKFLOW = """
  call d{j}.step_{j} as sub_{j} {{ input: samples = [], reference = reference, index = index }}
  Int total_{j} = length(sub_{j}.counts) + length(others)
"""


def imported_by(i: int, files: int) -> list[int]:
    """Which documents the document `i` imports: three below it in a tree, and the libraries at the end."""
    first, base = files - 3, files - 1
    if i >= first:
        return [base] if i < base else []
    return [*(j for j in range(3 * i + 1, 3 * i + 4) if j < first), first + i % 2, base]


def generate(directory: Path, lines: int, files: int) -> Path:
    """Write so many documents with about so many lines in all; gives the one that imports all others."""
    body = (_TASK + _CALLS).count("\n")
    around = (_STRUCT + _WORKFLOW + 4 * _SUBWORKFLOW).count("\n") + 6
    tasks = max(files, (lines - files * around) // body)
    for i in range(files):
        imported = imported_by(i, files)
        mine = range(tasks * (i + 1) // files - tasks * i // files)
        text = "version 1.1\n" + "".join(f'import "d{j}.wdl"\n' for j in imported) + _STRUCT.format(i=i)
        text += "".join(_TASK.format(i=i, k=k) for k in mine)
        subworkflows = "".join(_SUBWORKFLOW.format(j=j) for j in imported)
        calls = "".join(_CALLS.format(k=k) for k in mine)
        text += _WORKFLOW.format(i=i, last=files - 1, subworkflows=subworkflows, calls=calls)
        (directory / f"d{i}.wdl").write_text(text)
    return directory / "d0.wdl"


def cpu_seconds(command: Sequence[str], environment: Mapping[str, str]) -> float:
    """The CPU time of a process and its children; it must succeed."""
    before = os.times()
    done = subprocess.run(command, check=False, env=environment, capture_output=True, text=True)
    after = os.times()
    if done.returncode:
        raise SystemExit(f"{command[0]} failed:\n{done.stdout[-2000:]}{done.stderr[-2000:]}")
    return after.children_user + after.children_system - before.children_user - before.children_system


def main() -> None:
    """Print the table."""
    arguments = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0] if __doc__ else None)
    arguments.add_argument("--lines", type=int, default=25_000, help="lines in all (default: 25000)")
    arguments.add_argument("--files", type=int, default=80, help="documents (default: 80)")
    arguments.add_argument("--repeat", type=int, default=3, help="the best of so many (default: 3)")
    arguments.add_argument("--only", action="store_true", help="measure nothing else")
    options = arguments.parse_args()
    with TemporaryDirectory() as folder:
        root = generate(Path(folder), options.lines, options.files)
        lines = sum(path.read_text().count("\n") for path in Path(folder).glob("*.wdl"))
        imports = sum(path.read_text().count("\nimport ") for path in Path(folder).glob("*.wdl"))
        print(f"{options.files} documents, {lines} lines, {imports} imports")
        environment = {**os.environ, "XDG_CACHE_HOME": f"{folder}/cache"}
        environment.pop("PYTHONDONTWRITEBYTECODE", None)
        ours = [sys.executable, "-c", "from pysprocket.cli.main import command; command()", "check", str(root)]
        cold = min(cpu_seconds([*ours, "--no-cache"], environment) for _ in range(options.repeat))
        cpu_seconds(ours, environment)
        again = min(cpu_seconds(ours, environment) for _ in range(options.repeat))
        print(f"  {'sprocket check':<28}{cold:6.2f} CPU-s")
        print(f"  {'sprocket check, unchanged':<28}{again:6.2f} CPU-s")
        miniwdl = shutil.which("miniwdl", path=f"{Path(sys.executable).parent}:{os.environ['PATH']}")
        if miniwdl and not options.only:
            theirs = cpu_seconds([miniwdl, "check", "--no-quant-check", "--no-shellcheck", str(root)], environment)
            print(f"  {'miniwdl check':<28}{theirs:6.2f} CPU-s{theirs / cold:8.1f} x")


if __name__ == "__main__":
    main()
