"""How many lines of WDL are parsed in a second, beside other parsers.

In: nothing; documents are generated (`--lines` of them in total). Out: a table of lines per second for WDL 1.0 and
1.2. miniwdl and sprocket-bio are measured too where they are installed (`pip install '.[oracle]'`), with
their ratio to this parser.

    python -m benchmarks.parse --lines 25000
"""

from __future__ import annotations

import argparse
import gc
import time
from collections.abc import Callable

from pysprocket.source.text import Source
from pysprocket.syntax.parser import parse

_TASK = """
# Aligns the reads of one sample, number {i}.
task align_{i} {{
  input {{
    String sample_name
    File reference_fasta
    File? reference_index
    Array[File]+ fastqs
    Map[String, Array[Int]] lanes = {{"a": [1, 2, 3], "b": [{i}]}}
    Int threads = 8
    Float memory_factor = 1.5
    Boolean mark_duplicates = true
    String extra_args = ""
  }}

  Int disk_size = ceil(size(reference_fasta, "GB") + 2.5 * size(fastqs, "GB")) + 20
  String prefix = basename(sub(sample_name, "_R[12]", ""), ".fastq") + "_{i}"
  String read_group = '@RG\\tID:~{{prefix}}\\tSM:${{sample_name}}'

  command <<<
    set -euo pipefail
    mkdir -p out/~{{prefix}}
    # the index lies beside the reference
    if [ -f "~{{reference_fasta}}.fai" ]; then
      echo "indexed" >&2
    fi
    bwa mem -t ~{{threads}} -R "~{{read_group}}" ~{{extra_args}} \\
      ~{{reference_fasta}} ~{{sep=" " fastqs}} \\
      | samtools sort -@ ~{{threads}} -m ~{{floor(memory_factor * 1000)}}M \\
      ~{{if mark_duplicates then "--markdup" else ""}} -o out/~{{prefix}}/aligned.bam -
    for lane in ${{LANES[@]}}; do
      awk '{{ print $1, $2 }}' "lane_$lane.txt" > out/lane_$lane.tsv
    done
  >>>

  output {{
    File bam = "out/~{{prefix}}/aligned.bam"
    Array[File] lane_tables = glob("out/lane_*.tsv")
    Int reads = if mark_duplicates then read_int("reads.txt") else 0
    Pair[Int, Float] figures = (read_int("n.txt"), read_float("mean.txt"))
  }}

  {attributes} {{
    {container}: "quay.io/biocontainers/bwa:0.7.17--{i}"
    cpu: threads
    memory: "~{{ceil(memory_factor * threads)}} GB"
    disks: "local-disk " + disk_size + " HDD"
    maxRetries: 2
  }}

  meta {{
    author: "Someone"
    description: "Aligns reads to a reference and sorts them"
  }}

  parameter_meta {{
    sample_name: {{ description: "name of the sample", category: "required" }}
    threads: {{ description: "number of threads", suggestions: [4, 8, 16] }}
  }}
}}
"""

_CALLS = """
  # sample {i}
  scatter (pair_{i} in zip(samples, fastqs)) {{
    if (defined(reference_index) && length(pair_{i}.right) > 0) {{
      call align_{i} as align_left_{i} {{
        input:
          sample_name = pair_{i}.left,
          reference_fasta = reference,
          fastqs = pair_{i}.right,
          threads = 4 * 2,
          lanes = {{"x": [1], "y": [2, 3]}}
      }}
      Int doubled_{i} = align_left_{i}.reads * 2 - 1
    }}
    Int counted_{i} = select_first([doubled_{i}, 0])
  }}
"""

_WORKFLOW = """
workflow cohort {{
  input {{
    Array[String] samples
    Array[Array[File]+] fastqs
    File reference
    File? reference_index
  }}
{calls}
  output {{
    Array[Int] counts = counted_0
  }}
}}
"""


def generate(version: str, lines: int) -> str:
    """A document of about so many lines: tasks, and one workflow that calls them."""
    attributes, container = ("runtime", "docker") if version == "1.0" else ("requirements", "container")
    count = max(1, lines // (_TASK.count("\n") + _CALLS.count("\n")))
    tasks = "".join(_TASK.format(i=i, attributes=attributes, container=container) for i in range(count))
    calls = "".join(_CALLS.format(i=i) for i in range(count))
    return f"version {version}\n{tasks}{_WORKFLOW.format(calls=calls)}"


def measure(work: Callable[[], object], *, repeat: int) -> float:
    """The shortest time in seconds of several runs."""
    best = float("inf")
    for _ in range(repeat):
        gc.collect()
        began = time.perf_counter()
        work()
        best = min(best, time.perf_counter() - began)
    return best


def parsers(version: str, text: str) -> dict[str, tuple[Callable[[], object], int]]:
    """The parsers that are installed, by name, each with how often to run it."""
    document, diagnostics = parse(Source("file:///generated.wdl", text))
    assert document.workflow is not None
    assert not diagnostics, diagnostics[0]
    found: dict[str, tuple[Callable[[], object], int]] = {
        "pysprocket": (lambda: parse(Source("file:///generated.wdl", text)), 5)
    }
    try:
        import WDL  # noqa: PLC0415 - measured only where it is installed
    except ImportError:
        pass
    else:
        found["miniwdl"] = (lambda: WDL.parse_document(text, version=version), 1)
    try:
        from sprocket_bio import ast  # noqa: PLC0415
    except ImportError:
        pass
    else:
        found["sprocket-bio"] = (lambda: ast.Document.parse(text, None), 3)
    return found


def main() -> None:
    """Print the table."""
    arguments = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0] if __doc__ else None)
    arguments.add_argument("--lines", type=int, default=25_000, help="lines of each document (default: 25000)")
    arguments.add_argument("--only", action="store_true", help="measure no other parser")
    options = arguments.parse_args()
    for version in ("1.0", "1.2"):
        text = generate(version, options.lines)
        lines = text.count("\n")
        print(f"WDL {version}: {lines} lines, {len(text) / 1e6:.1f} million characters")
        ours = 0.0
        for name, (work, repeat) in parsers(version, text).items():
            speed = lines / measure(work, repeat=repeat)
            ours = ours or speed
            print(f"  {name:<14} {speed:>10,.0f} lines/s   {ours / speed:6.2f} x")
            if options.only:
                break


if __name__ == "__main__":
    main()
