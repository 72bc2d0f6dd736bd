"""What the local backend costs beside what no engine can avoid.

In: the number of tasks. Out: milliseconds of wall time for each of N trivial tasks, two at once: through the backend
(attempt directory, command file, submit, wait), and the floor (the same directory and files, and `bash` run on the
command, in two threads); and their ratio.

    python -m benchmarks.local_overhead [tasks]
"""

from __future__ import annotations

import asyncio
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from pysprocket.backends.job import Job, Resources
from pysprocket.backends.local.backend import LocalBackend
from pysprocket.config.backend_settings import Local

AT_ONCE = 2
SCRIPT = "echo hello\n"


def attempt_directory(root: Path, number: int) -> Path:
    """What both sides write before a task starts."""
    directory = root / f"{number}"
    os.makedirs(directory / "work")  # noqa: PTH103 - the floor shall be as low as Python allows
    with open(directory / "command", "w") as file:  # noqa: PTH123
        file.write(SCRIPT)
    return directory


def one_by_hand(root: Path, number: int) -> None:
    """A task without any engine."""
    directory = attempt_directory(root, number)
    with open(directory / "stdout", "wb") as out, open(directory / "stderr", "wb") as err:  # noqa: PTH123
        command = ["bash", f"{directory}/command"]
        subprocess.run(command, cwd=directory / "work", stdin=subprocess.DEVNULL, stdout=out, stderr=err, check=True)


def floor(root: Path, tasks: int) -> None:
    """All tasks without any engine."""
    with ThreadPoolExecutor(AT_ONCE) as pool:
        list(pool.map(lambda number: one_by_hand(root, number), range(tasks)))


async def through_backend(root: Path, tasks: int) -> None:
    """All tasks through the backend."""
    async with LocalBackend(Local(cpu=AT_ONCE, memory=1 << 40)) as backend:

        async def one(number: int) -> None:
            job = Job(f"bench-{number}", attempt_directory(root, number), resources=Resources(cpu=1, memory=0))
            result = await backend.wait(await backend.submit(job))
            assert result.exit_code == 0

        for start in range(0, tasks, 100):
            await asyncio.gather(*(one(number) for number in range(start, min(start + 100, tasks))))


def measured(work: Callable[[Path, int], None], tasks: int) -> tuple[float, float]:
    """Milliseconds of wall time, and of our own processor time, for each task."""
    with tempfile.TemporaryDirectory() as folder:
        wall, own = time.perf_counter(), resource.getrusage(resource.RUSAGE_SELF)
        work(Path(folder), tasks)
        used = resource.getrusage(resource.RUSAGE_SELF)
        cpu = used.ru_utime + used.ru_stime - own.ru_utime - own.ru_stime
        return (time.perf_counter() - wall) / tasks * 1000, cpu / tasks * 1000


def main() -> None:
    """Measure both in turn, three times, and print the best of each."""
    tasks = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
    rounds = [(measured(floor, tasks), measured(lambda r, n: asyncio.run(through_backend(r, n)), tasks)) for _ in "123"]
    least = min(hand[0] for hand, _ in rounds)
    wall, cpu = min(backend for _, backend in rounds)
    print(f"local backend, {tasks} trivial tasks, {AT_ONCE} at once, best of {len(rounds)}")
    print(f"  floor    {least:6.2f} ms per task")
    print(f"  backend  {wall:6.2f} ms per task, {cpu:.2f} ms of it this process's own work")
    print(f"  ratio    {wall / least:6.2f}")


if __name__ == "__main__":
    main()
