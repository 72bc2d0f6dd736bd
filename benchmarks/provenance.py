"""What recording costs: processor time of the engine with the provenance database, beside that without any records.

In: the number of tasks. Out: milliseconds of processor time per task of the engine itself (jobs left out) for a scatter
of trivial tasks, recorded and not, and how much more the first is. Each run is a process of its own; without records
means that events go nowhere and that nothing is waited for.

    python -m benchmarks.provenance [tasks]
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks.scatter import DOCUMENT, SETTINGS, own_seconds

ROUNDS = 3


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

    def close(self) -> None:
        """Nothing is open."""


def engine(*, recorded: bool) -> None:
    """Be the program `sprocket`, recording or not, with the arguments that are left."""
    if not recorded:
        import pysprocket.records.recorder  # noqa: PLC0415 - only in the process that is measured

        pysprocket.records.recorder.Recorder = NoRecorder  # type: ignore[assignment, misc]
    from pysprocket.cli.main import command  # noqa: PLC0415

    command()


def cpu_seconds(tasks: int, *, recorded: bool) -> float:
    """Processor time of the engine for a whole run."""
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "main.wdl").write_text(DOCUMENT)
        (Path(folder) / "sprocket.toml").write_text(SETTINGS)
        code = f"from benchmarks.provenance import engine; engine(recorded={recorded})"
        command = [sys.executable, "-c", code, "run", "main.wdl", f"scattered.tasks={tasks}", "-q"]
        here = {**os.environ, "PYTHONPATH": str(Path(__file__).resolve().parent.parent)}
        process = subprocess.Popen(command, cwd=folder, stdout=subprocess.DEVNULL, env=here)
        seconds = own_seconds(process.pid)
        assert process.wait() == 0
        return seconds


def main() -> None:
    """Measure both in turn and print the best of each."""
    tasks = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
    rounds = [(cpu_seconds(tasks, recorded=False), cpu_seconds(tasks, recorded=True)) for _ in range(ROUNDS)]
    without, recorded = (min(each) for each in zip(*rounds, strict=True))
    print(f"processor time of the engine for a scatter of {tasks} trivial tasks, best of {ROUNDS}, its start included")
    print(f"  without records {without / tasks * 1000:6.2f} ms per task")
    print(f"  recorded        {recorded / tasks * 1000:6.2f} ms per task")
    print(f"  provenance      {(recorded / without - 1) * 100:6.1f} % more")


if __name__ == "__main__":
    main()
