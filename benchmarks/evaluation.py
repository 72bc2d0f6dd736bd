"""What a run without tasks costs: whole processes, from the start of the command to its outputs.

In: nothing; the documents are generated. Out: for each document the CPU time (user and system) and the memory peak of
`sprocket run`, its ratio to a bare interpreter and, where it is installed, to `miniwdl run` of the same document, whose
outputs must be the same; then the memory that one more item takes. The least of some rounds counts; the commands take
turns.

    python -m benchmarks.evaluation --rounds 5
    python -m benchmarks.evaluation --no-peer     # miniwdl takes seconds for each
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
from pathlib import Path
from typing import Any, NamedTuple

ITEMS = 10_000
SPROCKET = str(Path(sys.executable).with_name("sprocket"))
MINIWDL = str(Path(sys.executable).with_name("miniwdl"))

SCATTER = """\
version 1.1
struct Sample {
  String name
  Int reads
  Float share
  Array[String] tags
}
workflow many {
  input { Int items }
  scatter (i in range(items)) {
    Int square = i * i + 3 * i - 1
    Int bounded = if square > 1000000 then square % 1000000 else square
    Float share = bounded / 4.0
    String file = "/data/run_~{i % 7}/sample_~{i}.fastq.gz"
    String label = sub(basename(file, ".fastq.gz"), "_", "-") + ":~{bounded}"
    Array[String] tags = prefix("n", [i, bounded])
    Sample sample = object { name: label, reads: bounded, share: share, tags: tags }
    String row = sep("\\t", [sample.name, "~{sample.reads}", if i % 2 == 0 then "even" else "odd"])
  }
  output {
    Array[Int] squares = square
    Array[String] rows = row
    Array[Sample] samples = sample
  }
}
"""
NESTED = """\
version 1.1
workflow nested {
  input { Int items }
  scatter (i in range(items)) {
    scatter (j in range(items)) {
      Int product = i * j
      Boolean even = product % 2 == 0
      String cell = "~{i}x~{j}=~{product}"
      if (even) { Int half = product / 2 }
    }
    Int last = product[length(product) - 1]
    String line = sep(" ", cell)
  }
  output {
    Array[Int] products = flatten(product)
    Array[Int] halves = select_all(flatten(half))
    Array[Int] lasts = last
    Array[String] lines = line
  }
}
"""
DECLARATIONS = (
    "version 1.1\nworkflow plain {\n  input { Int items }\n  Int x0 = items\n"
    + "".join(f"  Int x{n} = x{n - 1} + {n} % 7\n" for n in range(1, 2001))
    + "  output { Int result = x2000 }\n}\n"
)
SUBWORKFLOWS = """\
version 1.1
import "inner.wdl" as inner
workflow outer {
  input { Int items }
  scatter (i in range(items)) {
    call inner.one { input: number = i, label = "n~{i}" }
    Int more = one.twice + 1
  }
  output { Array[Int] numbers = more  Array[String] texts = one.text }
}
"""
INNER = """\
version 1.1
workflow one {
  input { Int number  String label = "none" }
  Int doubled = number * 2
  if (number % 2 == 0) { String even = "~{label} is even" }
  output { Int twice = doubled  String text = select_first([even, label]) }
}
"""


class Document(NamedTuple):
    """A document to run: the name of its workflow, its text, the number of items."""

    name: str
    title: str
    text: str
    items: int


DOCUMENTS = [
    Document("many", "scatter over range(10000)", SCATTER, ITEMS),
    Document("nested", "scatter of 100 x 100", NESTED, 100),
    Document("plain", "2000 declarations", DECLARATIONS, 1),
    Document("outer", "sub-workflow for each of 1000", SUBWORKFLOWS, 1000),
]


class Usage(NamedTuple):
    """What a process took: CPU seconds and the peak of its memory in bytes."""

    cpu: float
    memory: int

    def least(self, other: Usage) -> Usage:
        """The smaller of each."""
        return Usage(min(self.cpu, other.cpu), min(self.memory, other.memory))


def measure(command: list[str], directory: Path) -> tuple[Usage, bytes]:
    """Run a command; what it took and what it wrote to its standard output.

    The small process that `miniwdl` or `sprocket` may start is not counted unless it was waited for.
    """
    environment = os.environ | {"PYTHONPYCACHEPREFIX": str(directory / "bytecode"), "PYTHONDONTWRITEBYTECODE": ""}
    out, log = directory / "stdout", directory / "stderr"
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC
    actions = [(os.POSIX_SPAWN_OPEN, number, str(path), flags, 0o600) for number, path in ((1, out), (2, log))]
    process = os.posix_spawn(command[0], command, environment, file_actions=actions)
    _, status, usage = os.wait4(process, 0)
    if status != 0:
        raise SystemExit(f"{' '.join(command)} failed:\n{log.read_text()}")
    return Usage(usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024), out.read_bytes()


def sprocket_run(document: Document, items: int, directory: Path) -> list[str]:
    """`sprocket run` of a document."""
    path = str(directory / f"{document.name}.wdl")
    words = ["run", "--quiet", path, "--target", document.name, f"items={items}"]
    return [SPROCKET, *words, "--output-dir", str(directory / "out"), "--backend", "local"]


def miniwdl_run(document: Document, items: int, directory: Path) -> list[str]:
    """`miniwdl run` of a document."""
    path = str(directory / f"{document.name}.wdl")
    return [MINIWDL, "run", path, f"items={items}", "--dir", str(directory / "miniwdl"), "--error-json"]


def compare(document: Document, mine: bytes, theirs: bytes) -> None:
    """Fail unless the outputs of both engines are the same."""
    expected: dict[str, Any] = json.loads(theirs)["outputs"]
    if json.loads(mine) != expected:
        raise SystemExit(f"the outputs of {document.name} differ")


def show(title: str, usage: Usage, bare: float, peer: Usage | None = None) -> None:
    """One row of the table."""
    beside = "" if peer is None else f"{peer.cpu:8.2f} {peer.memory / 2**20:6.0f} {peer.cpu / usage.cpu:7.1f} x"
    print(f"{title:32} {usage.cpu:8.3f} {usage.memory / 2**20:6.0f} {usage.cpu / bare:7.1f} x {beside}")


def run_all(directory: Path, rounds: int, *, with_peer: bool) -> None:
    """Measure all documents and print the table."""
    (directory / "inner.wdl").write_text(INNER)
    for document in DOCUMENTS:
        (directory / f"{document.name}.wdl").write_text(document.text)
    commands = {"python -c pass": [sys.executable, "-c", "pass"], "sprocket --version": [SPROCKET, "--version"]}
    commands |= {document.title: sprocket_run(document, document.items, directory) for document in DOCUMENTS}
    least: dict[str, Usage] = {}
    written: dict[str, bytes] = {}
    for repeat in range(rounds + 1):
        for title, command in commands.items():
            usage, written[title] = measure(command, directory)
            if repeat:  # the first one compiles
                least[title] = usage.least(least.get(title, usage))
    bare = least["python -c pass"].cpu
    print(f"{'':32} {'CPU s':>8} {'MiB':>6} {'to bare':>9} " + (f"{'miniwdl':>8} {'MiB':>6}" if with_peer else ""))
    for title in ("python -c pass", "sprocket --version"):
        show(title, least[title], bare)
    for document in DOCUMENTS:
        peer = None
        if with_peer:
            peer, outputs = measure(miniwdl_run(document, document.items, directory), directory)
            compare(document, written[document.title], outputs)
        show(document.title, least[document.title], bare, peer)


def show_growth(directory: Path) -> None:
    """The memory of one more item of the scatter."""
    few, many = (measure(sprocket_run(DOCUMENTS[0], items, directory), directory)[0] for items in (ITEMS, 10 * ITEMS))
    print(f"{ITEMS} items: {few.memory / 2**20:.0f} MiB; {10 * ITEMS}: {many.memory / 2**20:.0f} MiB; ", end="")
    print(f"{(many.memory - few.memory) / (9 * ITEMS):.0f} bytes for each more")
    print(f"{(many.cpu - few.cpu) / (9 * ITEMS) * 1e6:.1f} us for each more")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="What a run without tasks costs.")
    parser.add_argument("--rounds", type=int, default=5, help="runs of each command; the least counts")
    parser.add_argument("--no-peer", action="store_true", help="leave miniwdl out")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        directory = Path(folder)
        run_all(directory, arguments.rounds, with_peer=Path(MINIWDL).exists() and not arguments.no_peer)
        show_growth(directory)


if __name__ == "__main__":
    main()
