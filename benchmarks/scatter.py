"""What a scatter of trivial tasks costs beside what no engine can avoid.

In: the number of tasks. Out: tasks per second of a whole `sprocket run --backend local`, and of the floor (the same
directories and files, and `bash` run on the command, in two threads); their ratio; processor time of the engine for
each task (its children left out); and what a task leaves on the disk.

    python -m benchmarks.scatter [tasks]
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

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


def by_hand(tasks: int) -> float:
    """Seconds of all tasks without any engine."""
    with tempfile.TemporaryDirectory() as folder:
        start = time.perf_counter()
        floor(Path(folder), tasks)
        return time.perf_counter() - start


def own_seconds(pid: int) -> float:
    """Processor time of an ended process that has not been waited for, without that of its children."""
    os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)
    user, system = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[11:13]
    return (int(user) + int(system)) / CLOCK


def by_sprocket(tasks: int) -> tuple[float, float, int]:
    """Seconds of wall time and of processor time of the engine, and bytes left, for all tasks."""
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "main.wdl").write_text(DOCUMENT)
        (Path(folder) / "sprocket.toml").write_text(SETTINGS)
        command = [str(SPROCKET), "run", "main.wdl", f"scattered.tasks={tasks}", "-q"]
        start = time.perf_counter()
        with open(f"{folder}/outputs", "wb") as outputs:  # noqa: PTH123
            process = subprocess.Popen(command, cwd=folder, stdout=outputs)
        cpu = own_seconds(process.pid)
        wall = time.perf_counter() - start
        assert process.wait() == 0
        assert json.loads(Path(folder, "outputs").read_text()) == {"scattered.m": list(range(tasks))}
        return wall, cpu, on_disk(Path(folder, "out"))


def on_disk(directory: Path) -> int:
    """Bytes that a directory occupies."""
    return sum(path.lstat().st_blocks * 512 for path in directory.rglob("*"))


def main() -> None:
    """Measure both in turn, three times, and print the best of each."""
    tasks = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
    rounds = [(by_hand(tasks), by_sprocket(tasks)) for _ in "123"]
    least = min(hand for hand, _ in rounds)
    wall, cpu, left = min(run for _, run in rounds)
    print(f"a scatter of {tasks} trivial tasks, {AT_ONCE} at once, best of {len(rounds)}")
    print(f"  floor    {tasks / least:6.0f} tasks per second")
    print(f"  sprocket {tasks / wall:6.0f} tasks per second, the start of the program included")
    print(f"  ratio    {wall / least:6.2f}")
    print(f"  {cpu / tasks * 1000:.2f} ms of processor time of the engine itself per task")
    print(f"  {left / tasks / 1024:.1f} KiB on the disk per task")


if __name__ == "__main__":
    main()
