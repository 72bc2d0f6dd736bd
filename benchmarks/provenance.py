"""What recording costs: processor time of the engine with the provenance database, beside that without any records.

In: the number of tasks. Out: milliseconds of processor time per task of the engine itself (jobs left out) for a scatter
of trivial tasks, recorded and not, and how much more the first is: the median of many rounds, since one alone is
troubled by whatever else the computer does; also that of the thread that writes alone. Each run is a process of its
own; without records means that events go nowhere and that nothing is waited for.

    python -m benchmarks.provenance [tasks]
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

from benchmarks.scatter import DOCUMENT, SETTINGS, own_seconds

ROUNDS = 11


class NoRecorder:
    """A recorder that keeps nothing."""

    def __init__(self, *_: object, **__: object) -> None:
        pass

    def __enter__(self) -> NoRecorder:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def __call__(self, event: object) -> None:
        """Forget an event."""

    async def durable(self) -> None:
        """Nothing is to be waited for."""

    def when_it_fails(self, _: object) -> None:
        """Nothing can fail."""

    def write_now(self) -> None:
        """Nothing rests."""

    def hurry(self) -> None:
        """Nothing rests."""

    def close(self) -> None:
        """Nothing is open."""


def engine(*, recorded: bool) -> None:
    """Be the program `sprocket`, recording or not, with the arguments that are left."""
    import pysprocket.records.recorder as module  # noqa: PLC0415 - only in the process that is measured

    class Measured(module.Recorder):
        """Leaves the processor time of its thread in a file."""

        def _work(self) -> None:
            super()._work()
            Path("writer").write_text(str(time.thread_time()))

    module.Recorder = Measured if recorded else NoRecorder  # type: ignore[assignment, misc]
    from pysprocket.cli.main import command  # noqa: PLC0415

    command()


def cpu_seconds(tasks: int, *, recorded: bool) -> tuple[float, float]:
    """Processor time of the engine for a whole run, and that of the thread that writes."""
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "main.wdl").write_text(DOCUMENT)
        (Path(folder) / "sprocket.toml").write_text(SETTINGS)
        code = f"from benchmarks.provenance import engine; engine(recorded={recorded})"
        command = [sys.executable, "-c", code, "run", "main.wdl", f"scattered.tasks={tasks}", "-q"]
        here = {**os.environ, "PYTHONPATH": str(Path(__file__).resolve().parent.parent)}
        process = subprocess.Popen(command, cwd=folder, stdout=subprocess.DEVNULL, env=here)
        seconds = own_seconds(process.pid)
        assert process.wait() == 0
        return seconds, float((Path(folder) / "writer").read_text()) if recorded else 0.0


def main() -> None:
    """Measure both in turn; print the best of each, and the median of how much more a round with records took."""
    tasks = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
    rounds = [(cpu_seconds(tasks, recorded=False), cpu_seconds(tasks, recorded=True)) for _ in range(ROUNDS)]
    more = median(recorded / without for (without, _), (recorded, _) in rounds) - 1
    without = min(seconds for (seconds, _), _ in rounds)
    recorded, writer = min(each for _, each in rounds)
    print(f"processor time of the engine for a scatter of {tasks} trivial tasks, best of {ROUNDS}, its start included")
    print(f"  without records {without / tasks * 1000:6.2f} ms per task")
    print(
        f"  recorded        {recorded / tasks * 1000:6.2f} ms per task; median of the rounds: {more * 100:.1f} % more"
    )
    print(f"  the thread that writes takes {writer / tasks * 1000:.2f} ms of it, {writer / recorded * 100:.1f} %")


if __name__ == "__main__":
    main()
