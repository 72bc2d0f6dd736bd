"""What telling the user costs: microseconds for each event of a run, beside a listener that does nothing.

In: the number of tasks. Out: processor time for each event, with all tasks under way together (the worst case), of the
live view, of plain lines, of the run's log and of the log for programs; and the same for a tenth of the tasks, which
should be the same. A task has six events.

    python -m benchmarks.progress [tasks]
"""

from __future__ import annotations

import asyncio
import gc
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TextIO

from pysprocket.backends.job import JobId, JobState, Resources, Result
from pysprocket.engine.events import (
    AttemptCreated,
    AttemptEnded,
    AttemptProgress,
    AttemptSubmitted,
    CallEnded,
    CallStarted,
    Event,
    Listener,
    RunEnded,
    RunStarted,
    Status,
)
from pysprocket.progress.json_log import JsonLog
from pysprocket.progress.lines import Level
from pysprocket.progress.live import LiveView
from pysprocket.progress.log import RunLog
from pysprocket.progress.narrator import Narration
from pysprocket.progress.plain import PlainProgress

ROUNDS = 5
TURN = 100
"""Events between two turns of the event loop."""


def events(tasks: int) -> list[Event]:
    """Of a scatter all of whose tasks are under way together."""
    start = time.time()
    result = Result(0, "/o", "/e", "/w", started=start, ended=start + 1)
    made: list[Event] = [RunStarted(start, "r", "amber-otter", "file:///m", "m", "workflow", {}, "run", "local")]
    for number in range(tasks):
        call, job = f"align-{number}", f"align-{number}-abcdefghijkl"
        made += [
            CallStarted(start, "r", call, "align", "task"),
            AttemptCreated(start, "r", call, job, "align", 0, f"/out/{call}", Resources(), ()),
            AttemptSubmitted(start, "r", job, JobId(job, str(number), f"/out/{call}")),
            AttemptProgress(start, "r", job, JobState.RUNNING, ""),
        ]
    for number in range(tasks):
        call, job = f"align-{number}", f"align-{number}-abcdefghijkl"
        made += [
            AttemptEnded(start + 1, "r", call, job, Status.COMPLETED, result),
            CallEnded(start + 1, "r", call, Status.COMPLETED),
        ]
    return [*made, RunEnded(start + 1, "r", Status.COMPLETED, {})]


def _complain(message: str) -> None:
    raise AssertionError(message)


@contextmanager
def listening(what: str, folder: Path) -> Iterator[list[Listener]]:
    """The listeners of one kind of telling."""
    narration = Narration()
    with ExitStack() as stack:
        if what == "nothing":
            yield [lambda event: None]
            return
        if what == "JSON log":
            yield [stack.enter_context(JsonLog(folder / "log.jsonl", complain=_complain))]
            return
        told: list[Listener] = [narration]
        if "log" in what:
            narration.tellers.append(stack.enter_context(RunLog(folder, narration.tally, complain=_complain)))
        stream: TextIO = stack.enter_context((folder / "stderr").open("w"))
        if "live" in what:
            view = stack.enter_context(LiveView(stream, narration.tally, color=True))
            narration.tellers.append(view)
            told.append(view)
        if "plain" in what:
            plain = stack.enter_context(PlainProgress(stream, narration.tally, color=False, least=Level.INFO))
            narration.tellers.append(plain)
            told.append(plain)
        yield told


async def _tell(made: list[Event], told: list[Listener]) -> None:
    for number, event in enumerate(made):
        for listener in told:
            listener(event)
        if number % TURN == 0:
            await asyncio.sleep(0)


def microseconds(what: str, made: list[Event]) -> float:
    """Of processor time for each event, the best of some rounds, the end and the writing of what is left included."""
    best = float("inf")
    for _ in range(ROUNDS):
        with tempfile.TemporaryDirectory() as folder:
            (Path(folder) / "run").mkdir()
            gc.collect()
            gc.disable()
            begin = time.process_time()
            with listening(what, Path(folder)) as told:
                asyncio.run(_tell(made, told))
            best = min(best, time.process_time() - begin)
            gc.enable()
    return best / len(made) * 1e6


def main() -> None:
    """Measure each kind with all tasks and with a tenth of them."""
    tasks = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    many, few = events(tasks), events(tasks // 10)
    print(f"microseconds per event, {tasks // 10} and {tasks} tasks under way together, best of {ROUNDS}")
    nothing = 0.0
    for what in ("nothing", "live", "plain", "log", "live and log", "plain and log", "JSON log"):
        small, large = microseconds(what, few), microseconds(what, many)
        nothing = nothing or large
        print(f"  {what:14} {small:6.2f} {large:6.2f}   {large / nothing:5.1f} times nothing")


if __name__ == "__main__":
    main()
