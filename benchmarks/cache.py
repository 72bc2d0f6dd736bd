"""What the call cache costs, and what it saves.

In: the number of tasks. Out: seconds of a scatter of trivial tasks that each have a file as input and one as output:
without cache, with a cache that is empty, and with one that holds everything; processor time of the engine for each
task; the ratios to the run without cache.

    python -m benchmarks.cache [tasks]
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from benchmarks.local_overhead import AT_ONCE
from benchmarks.scatter import timed_run

DOCUMENT = """\
version 1.2
task trivial {
    input { Int n  File shared }
    command <<< echo ~{n} > out.txt >>>
    output { File out = "out.txt" }
    requirements { cpu: 1  memory: "1 MiB" }
}
workflow scattered {
    input { Int tasks  File shared }
    scatter (n in range(tasks)) { call trivial { n, shared } }
    output { Int made = length(trivial.out) }
}
"""
SETTINGS = f"""\
[run.task]
cache = "on"
cache_dir = "./cache"
[run.backends.default]
type = "local"
cpu = {AT_ONCE}
"""


def run(folder: str, tasks: int, *options: str) -> tuple[float, float]:
    """Seconds of wall time and of processor time of the engine."""
    inputs = [f"scattered.tasks={tasks}", "scattered.shared=shared.txt"]
    wall, cpu, outputs = timed_run(folder, *inputs, *options)
    assert outputs == {"scattered.made": tasks}
    return wall, cpu


def once(tasks: int) -> dict[str, tuple[float, float]]:
    """The three runs, one after the other."""
    with tempfile.TemporaryDirectory() as folder:
        for name, text in (("main.wdl", DOCUMENT), ("sprocket.toml", SETTINGS), ("shared.txt", "shared\n" * 1000)):
            Path(folder, name).write_text(text)
        return {
            "without": run(folder, tasks, "--no-call-cache"),
            "all kept": run(folder, tasks),
            "all taken": run(folder, tasks),
        }


def main() -> None:
    """Measure three times and print the best of each."""
    tasks = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
    rounds = [once(tasks) for _ in "123"]
    best = {name: min(each[name] for each in rounds) for name in rounds[0]}
    print(f"a scatter of {tasks} trivial tasks with a file each, {AT_ONCE} at once, best of {len(rounds)}")
    for name, (wall, cpu) in best.items():
        ratio = wall / best["without"][0]
        print(f"  {name:9} {wall:6.2f} s, {cpu / tasks * 1000:.2f} ms of the engine per task, ratio {ratio:.2f}")


if __name__ == "__main__":
    main()
