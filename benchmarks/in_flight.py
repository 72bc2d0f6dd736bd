"""What calls cost that are under way together: the memory of a run whose jobs all wait in some queue.

In: a number of calls. Out: the peak of resident memory of a whole `sprocket run` of a scatter, everything switched on,
when that many calls are in flight on a simulated backend: a job is taken at once, and none ends before all have been
taken. Then what one more call in flight costs, and the processor time for each.

    python -m benchmarks.in_flight [calls]
"""

from __future__ import annotations

import asyncio
import os
import re
import resource
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Self

from benchmarks.scatter import DOCUMENT
from pysprocket.backends.job import Job, JobId, Limits, Result

SETTINGS = '[run.backends.default]\ntype = "local"\n[run.workflow.scatter]\nconcurrency = {calls}\n'
MOST = 300
"""Megabytes that 20,000 calls in flight may take."""


class Queue:
    """A backend that runs nothing: it takes jobs until `calls` are in flight, then all end."""

    name = "simulated"
    guest_root: str | None = None
    detaches = True

    def __init__(self, calls: int) -> None:
        self._calls = calls
        self._taken = 0
        self._full = asyncio.Event()

    async def __aenter__(self) -> Self:
        """Nothing to connect to."""
        return self

    async def __aexit__(self, *exception: object) -> None:
        """There is nothing to leave."""

    def limits(self) -> Limits:
        """There are none."""
        return Limits()

    async def submit(self, job: Job) -> JobId:
        """Take the job; the last one ends all."""
        self._taken += 1
        if self._taken == self._calls:
            self._full.set()
        return JobId(job.name, str(self._taken), str(job.directory))

    async def wait(self, job_id: JobId) -> Result:
        """Until all have been taken."""
        await self._full.wait()
        place = job_id.directory
        return Result(0, f"{place}/stdout", f"{place}/stderr", f"{place}/work")

    async def cancel(self, job_id: JobId) -> None:
        """Nothing runs."""

    async def withdraw(self, job_id: JobId) -> bool:
        """Nothing has begun."""
        return True

    async def resolve_image(self, images: tuple[str, ...]) -> tuple[str, str] | None:
        """Jobs have no image."""
        return None

    async def forget(self, job_id: JobId) -> None:
        """Nothing was kept."""


def run(calls: int) -> None:
    """`sprocket run` in this process, on the simulated backend; tells its peak of memory and its processor time."""
    from pysprocket.cli import calls as cli  # noqa: PLC0415 - only the process that is measured
    from pysprocket.cli.main import command  # noqa: PLC0415

    cli.create = lambda *_: Queue(calls)  # type: ignore[attr-defined]
    leave = os._exit

    def tell(status: int) -> None:
        used = resource.getrusage(resource.RUSAGE_SELF)
        print(f"{used.ru_maxrss} KiB {used.ru_utime + used.ru_stime} s", file=sys.stderr, flush=True)
        leave(status)

    os._exit = tell  # type: ignore[assignment]
    sys.argv = ["sprocket", "run", "main.wdl", f"scattered.tasks={calls}", "-q"]
    command()


def measured(folder: str, calls: int) -> tuple[float, float]:
    """Megabytes at the peak, and seconds of processor time."""
    place = Path(tempfile.mkdtemp(dir=folder))
    (place / "main.wdl").write_text(DOCUMENT)
    (place / "sprocket.toml").write_text(SETTINGS.format(calls=calls))
    words = [sys.executable, "-m", "benchmarks.in_flight", "--inside", str(calls)]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join([str(Path.cwd()), os.environ.get("PYTHONPATH", "")])}
    ended = subprocess.run(words, cwd=place, env=environment, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stderr
    told = re.search(r"(\d+) KiB ([\d.]+) s", ended.stderr)
    assert told is not None, ended.stderr
    return int(told[1]) * 1024 / 1e6, float(told[2])


def main() -> None:
    """Measure few and many calls."""
    if sys.argv[1:2] == ["--inside"]:
        run(int(sys.argv[2]))
        return
    calls = int(sys.argv[1]) if len(sys.argv) > 1 else 20_000
    with tempfile.TemporaryDirectory() as folder:
        few, _ = measured(folder, 10)
        peak, cpu = measured(folder, calls)
    print(f"{calls} calls in flight on a simulated backend")
    print(f"  {peak:.0f} MB at the peak (at most {MOST} for 20000), {few:.0f} MB with 10 calls")
    print(f"  {(peak - few) / calls * 1000:.1f} kB for each call")
    print(f"  {cpu / calls * 1000:.2f} ms of processor time for each call")


if __name__ == "__main__":
    main()
