"""What a scatter of trivial tasks costs beside what no engine can avoid.

In: numbers of tasks. Out, for each: tasks per second of a whole `sprocket run --backend local`, and of the floor (the
same directories and files, and `bash` run on the command, in two threads); what part of the floor's rate is reached;
processor time of the engine for each task (its children left out); and what a task leaves on the disk.

    python -m benchmarks.scatter [tasks]...

Nothing is removed before all is measured: ext4 makes a file ten times slower where many were removed in the minutes
before.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any, NamedTuple

from benchmarks.local_overhead import AT_ONCE, floor

SPROCKET = Path(sys.executable).with_name("sprocket")
DOCUMENT = """\
version 1.2
task trivial {
    input { Int n }
    command <<< echo hello >>>
    output { Int m = n }
    requirements { cpu: 1  memory: "1 MiB" }
}
workflow scattered {
    input { Int tasks }
    scatter (n in range(tasks)) { call trivial { n } }
    output { Array[Int] m = trivial.m }
}
"""
SETTINGS = f'[run.backends.default]\ntype = "local"\ncpu = {AT_ONCE}\n'
CLOCK = os.sysconf("SC_CLK_TCK")


class Run(NamedTuple):
    """Of a whole run: seconds of wall time, seconds of processor time of the engine, and bytes left on the disk."""

    wall: float
    cpu: float
    left: int


def by_hand(folder: str, tasks: int) -> float:
    """Seconds of all tasks without any engine."""
    start = time.perf_counter()
    floor(Path(folder), tasks)
    return time.perf_counter() - start


def own_seconds(pid: int) -> float:
    """Processor time of an ended process that has not been waited for, without that of its children."""
    os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)
    user, system = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[11:13]
    return (int(user) + int(system)) / CLOCK


def by_sprocket(folder: str, tasks: int) -> Run:
    """All tasks by the program."""
    (Path(folder) / "main.wdl").write_text(DOCUMENT)
    (Path(folder) / "sprocket.toml").write_text(SETTINGS)
    wall, cpu, outputs = timed_run(folder, f"scattered.tasks={tasks}")
    assert outputs == {"scattered.m": list(range(tasks))}
    return Run(wall, cpu, on_disk(Path(folder, "out")))


def timed_run(folder: str, *arguments: str) -> tuple[float, float, dict[str, Any]]:
    """A run of `main.wdl` in a directory: seconds of wall time and of processor time of the engine, and the outputs."""
    start = time.perf_counter()
    with open(f"{folder}/outputs", "wb") as outputs:  # noqa: PTH123
        process = subprocess.Popen([str(SPROCKET), "run", "main.wdl", "-q", *arguments], cwd=folder, stdout=outputs)
    cpu = own_seconds(process.pid)
    wall = time.perf_counter() - start
    assert process.wait() == 0
    return wall, cpu, json.loads(Path(folder, "outputs").read_text())


def on_disk(directory: Path) -> int:
    """Bytes that a directory occupies; a file with several names counts once, as for `du`."""
    found = [path.lstat() for path in directory.rglob("*")]
    return sum({status.st_ino: status.st_blocks * 512 for status in found}.values())


def measure(folder: str, tasks: int) -> None:
    """Measure both in turn, three times, and print the best of each."""
    hands, runs = [], []
    for _ in "123":
        hands.append(by_hand(tempfile.mkdtemp(dir=folder), tasks))
        runs.append(by_sprocket(tempfile.mkdtemp(dir=folder), tasks))
    hand, wall, cpu = min(hands), min(run.wall for run in runs), min(run.cpu for run in runs)
    print(f"a scatter of {tasks} trivial tasks, {AT_ONCE} at once, best of {len(runs)}")
    print(f"  floor    {tasks / hand:6.0f} tasks per second")
    print(f"  sprocket {tasks / wall:6.0f} tasks per second, the start of the program included")
    print(f"  that is  {hand / wall:6.2f} of the floor's rate (ratio {wall / hand:.2f})")
    print(f"  {cpu / tasks * 1000:.2f} ms of processor time of the engine itself per task")
    print(f"  {runs[-1].left / tasks / 1000:.1f} kB on the disk per task", flush=True)


def main() -> None:
    """Measure each number of tasks."""
    with tempfile.TemporaryDirectory() as folder:
        for tasks in map(int, sys.argv[1:] or ["1000"]):
            measure(folder, tasks)


if __name__ == "__main__":
    main()
