"""What it costs to go on with a run that was killed half-way.

In: a number of tasks. Out: a scatter of that many trivial tasks on the local backend is killed (SIGKILL) when half of
them are done, then `sprocket resume`: seconds, and processor time of the engine, until the first task starts that had
not begun before; the same for all that is left; and the time that `metrics.json` of the whole run takes.

    python -m benchmarks.resume [tasks]
"""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
import tempfile
import time
from contextlib import closing
from pathlib import Path

from benchmarks.scatter import CLOCK, DOCUMENT, SETTINGS, SPROCKET, own_seconds
from pysprocket.records.metrics import write_metrics

MOST = 5.0
"""Seconds that may pass before the first new task of 10,000 starts."""


def start(place: Path, *words: str) -> subprocess.Popen[bytes]:
    """`sprocket` in a directory; what it says is kept in a file."""
    with (place / f"{words[0]}.log").open("wb") as log:
        return subprocess.Popen(
            [SPROCKET, *words, "-q"],
            cwd=place,
            env=os.environ | {"PYTHONPYCACHEPREFIX": str(place / "bytecode"), "PYTHONDONTWRITEBYTECODE": ""},
            stdout=log,
            stderr=log,
        )


def known(place: Path) -> set[str]:
    """The calls that have a directory."""
    return {entry.name for calls in place.glob("out/runs/scattered/2*/calls") for entry in os.scandir(calls)}


def count(place: Path, condition: str) -> int:
    """How many calls are so in the database."""
    try:
        with closing(sqlite3.connect(place / "out/sprocket.db", timeout=30)) as database:
            return int(database.execute(f"SELECT count(*) FROM calls WHERE {condition}").fetchone()[0])
    except sqlite3.OperationalError:  # it is being made
        return 0


def kill_half_way(place: Path, tasks: int) -> None:
    """Run until half is done, and no further."""
    run = start(place, "run", "main.wdl", f"scattered.tasks={tasks}")
    while count(place, "status = 'completed'") < tasks // 2:
        assert run.poll() is None, (place / "run.log").read_text()
        time.sleep(0.1)
    run.kill()
    run.wait()
    time.sleep(1)  # for the tasks that ran


def seconds_so_far(pid: int) -> float:
    """Processor time that a process has taken, without that of its children."""
    user, system = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[11:13]
    return (int(user) + int(system)) / CLOCK


def first_new(place: Path, resumed: subprocess.Popen[bytes], before: set[str]) -> tuple[float, float]:
    """Seconds, and processor time of the engine, until there is the directory of a call that was not there before."""
    began, (calls,) = time.perf_counter(), place.glob("out/runs/scattered/2*/calls")
    size = len(before)
    while True:
        cpu = seconds_so_far(resumed.pid)
        if len(os.listdir(calls)) > size:  # noqa: PTH208 - often
            return time.perf_counter() - began, cpu
        running = os.waitid(os.P_PID, resumed.pid, os.WEXITED | os.WNOWAIT | os.WNOHANG) is None
        assert running, (place / "resume.log").read_text()
        time.sleep(0.02)


def measure(place: Path, tasks: int) -> None:
    """Print the figures of one run."""
    (place / "main.wdl").write_text(DOCUMENT)
    (place / "sprocket.toml").write_text(SETTINGS)
    kill_half_way(place, tasks)
    done, before = count(place, "status = 'completed'"), known(place)
    began = time.perf_counter()
    resumed = start(place, "resume")
    first, first_cpu = first_new(place, resumed, before)
    cpu = own_seconds(resumed.pid)
    whole = time.perf_counter() - began
    assert resumed.wait() == 0, (place / "resume.log").read_text()
    assert count(place, "status = 'completed'") == tasks
    print(f"a run of {tasks} trivial tasks, killed when {done} were done and {len(before) - done} more had begun")
    print(f"  {first:6.2f} s until the first new task starts (at most {MOST:g} for 10000)")
    print(f"  {first_cpu:6.2f} s of processor time of the engine until then")
    print(f"  {whole:6.2f} s in all, {tasks - done} tasks, {cpu:.2f} s of processor time of the engine")
    print(f"  {metrics(place):6.2f} s for `metrics.json`", flush=True)


def metrics(place: Path) -> float:
    """Seconds that writing the figures of the run takes."""
    database = place / "out/sprocket.db"
    with closing(sqlite3.connect(database)) as connection:
        uuid, directory = connection.execute("SELECT uuid, directory FROM runs").fetchone()
    began = time.perf_counter()
    write_metrics(database, uuid, place / "out" / directory)
    return time.perf_counter() - began


def main() -> None:
    """Measure one number of tasks."""
    with tempfile.TemporaryDirectory() as folder:
        measure(Path(folder), int(sys.argv[1]) if len(sys.argv) > 1 else 10_000)


if __name__ == "__main__":
    main()
