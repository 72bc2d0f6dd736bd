"""Runs for tests of the report, told event by event as the engine tells them, and written as the recorder does."""

from __future__ import annotations

import fcntl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

from pysprocket.backends.job import Failure, JobId, JobState, Resources, Result, Usage
from pysprocket.backends.job import FailureKind as JobFailure
from pysprocket.engine.events import (
    AttemptCached,
    AttemptCreated,
    AttemptEnded,
    AttemptProgress,
    AttemptSubmitted,
    CallEnded,
    CallStarted,
    Event,
    RunEnded,
    RunResumed,
    RunStarted,
    Status,
)
from pysprocket.engine.failures import FailureKind
from pysprocket.records.database import open_database
from pysprocket.records.history import History
from pysprocket.records.report.contents import gather
from pysprocket.records.report.page import render
from pysprocket.records.writer import EventWriter

NOW = 1_795_254_247.0
DIRECTORY = "runs/main/2026-11-21_094407000000000"
RUN = "0f9a5a7e-0000-4000-8000-000000000000"


class Story:
    """A run, told event by event; times are seconds since its start."""

    def __init__(self, output: Path) -> None:
        self.output = output.absolute()
        self.events: list[Event] = []
        (self.output / DIRECTORY).mkdir(parents=True)

    def starts(self, **changes: Any) -> Story:
        given: dict[str, Any] = {
            "time": NOW,
            "run_id": RUN,
            "name": "amber-otter-3fa2c1",
            "source": "file:///x/main.wdl",
            "target": "main",
            "kind": "workflow",
            "inputs": {"main.n": 3},
            "directory": DIRECTORY,
            "backend": "local",
            "order": {"some": "thing"},
        }
        self.events.append(RunStarted(**(given | changes)))
        return self

    def resumes(self, time: float) -> Story:
        resumed = RunResumed(NOW + time, RUN, "amber-otter-3fa2c1", "main", "workflow", DIRECTORY, "local")
        self.events.append(resumed)
        return self

    def ends(self, time: float, status: Status = Status.COMPLETED, **more: Any) -> Story:
        self.events.append(RunEnded(NOW + time, RUN, status, **more))
        return self

    def calls(self, call_id: str, time: float = 0.0, target: str = "align", kind: str = "task") -> Story:
        self.events.append(CallStarted(NOW + time, RUN, call_id, target, kind))
        return self

    def call_ends(self, call_id: str, time: float, status: Status = Status.COMPLETED, **more: Any) -> Story:
        self.events.append(CallEnded(NOW + time, RUN, call_id, status, **more))
        return self

    def tries(
        self,
        call_id: str,
        start: float,
        end: float | None = None,
        *,
        number: int = 0,
        created: float | None = None,
        exit_code: int | None = 0,
        error: str | None = None,
        failure: Failure | None = None,
        usage: Usage = Usage(cpu_seconds=1.0, memory_peak=50 * 1024**2),  # noqa: B008 - frozen
        resources: Resources = Resources(cpu=1.0, memory=4 * 1024**3),  # noqa: B008 - frozen
        stderr: str | None = None,
    ) -> Story:
        """An attempt that runs from `start` on and ends when `end` says."""
        name = f"{call_id.replace('/', '--')}-{number}"
        folder = self.output / DIRECTORY / "calls" / call_id / "attempts" / str(number)
        task = call_id.rpartition("/")[2].partition("-")[0]
        made = NOW + (start if created is None else created)
        self.events += [
            AttemptCreated(made, RUN, call_id, name, task, number, str(folder), resources, ("ubuntu",)),
            AttemptSubmitted(made, RUN, name, JobId(name, "4711", str(folder))),
            AttemptProgress(NOW + start, RUN, name, JobState.RUNNING, ""),
        ]
        if stderr is not None:
            folder.mkdir(parents=True)
            (folder / "stderr").write_text(stderr)
        if end is not None:
            status = Status.COMPLETED if error is None else Status.FAILED
            kind = FailureKind(failure.kind.value) if failure else FailureKind.EXIT_CODE if error else None
            result = Result(
                exit_code=exit_code,
                stdout="",
                stderr=str(folder / "stderr"),
                work="",
                failure=failure,
                started=NOW + start,
                ended=NOW + end,
                usage=usage,
                host="node7",
            )
            self.events.append(AttemptEnded(NOW + end, RUN, call_id, name, status, result, error, kind))
        return self

    def runs_call(self, call_id: str, start: float, end: float, **more: Any) -> Story:
        """A call that is completed by its first attempt."""
        self.calls(call_id, start, target=call_id.rpartition("/")[2].partition("-")[0])
        return self.tries(call_id, start, end, **more).call_ends(call_id, end)

    def fails_call(self, call_id: str, start: float, end: float, **more: Any) -> Story:
        """A call that fails with its first attempt."""
        self.calls(call_id, start, target=call_id.rpartition("/")[2].partition("-")[0])
        more = {"exit_code": 3, "error": "exit code 3", **more}
        self.tries(call_id, start, end, **more)
        message = f"task `align` (call `{call_id}`) failed: {more['error']}"
        return self.call_ends(call_id, end, Status.FAILED, error=message, failure=FailureKind.EXIT_CODE)

    def takes_from_cache(self, call_id: str, time: float, origin: str) -> Story:
        folder = self.output / DIRECTORY / "calls" / call_id / "attempts" / "0"
        self.calls(call_id, time)
        cached = AttemptCached(
            *(NOW + time, RUN, call_id, f"{call_id}-cached", "align", str(folder), Resources(), ()),
            *("k" * 64, origin, 0),
        )
        self.events.append(cached)
        return self.call_ends(call_id, time)

    def page(self) -> str:
        """The report of what was told."""
        return page_of(self.record())

    def record(self) -> Path:
        """A database of what was told, written by one process after the other, as the recorder does it in batches."""
        path = self.output / "sprocket.db"
        connection = open_database(path)
        connection.execute("BEGIN IMMEDIATE")
        first = next((n for n, event in enumerate(self.events) if isinstance(event, RunResumed)), len(self.events))
        for events in (self.events[:first], self.events[first:]):
            if events:
                EventWriter(connection, self.output).write(events)
        connection.execute("COMMIT")
        connection.close()
        return path

    @contextmanager
    def alive(self) -> Iterator[None]:
        """In this block somebody works on the run."""
        with (self.output / DIRECTORY / ".lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield


def page_of(database: Path) -> str:
    """The report of the newest run."""
    with History(database) as history:
        return render(gather(history, history.runs(1)[0]))


def out_of_memory() -> Failure:
    return Failure(JobFailure.OUT_OF_MEMORY, "it ran out of memory", "slurmstepd: oom-kill event in StepId=77.0")


class Page(HTMLParser):
    """A page, taken apart; refuses elements that are not closed where they should be.

    Attributes:
        texts: the text of each element that has some, in order, with the element's name.
        references: the values of attributes by which a page names others.
        ids: of all elements.
    """

    VOID = frozenset({"meta", "br", "link", "img", "input", "hr"})

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.texts: list[tuple[str, str]] = []
        self.references: list[str] = []
        self.attributes: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)
        self.close()
        assert not self.open, f"never closed: {self.open}"

    def handle_starttag(self, tag, attrs):
        self.attributes.append((tag, dict(attrs)))
        self.references += [value for name, value in attrs if name in ("href", "src", "srcset", "action") and value]
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open, f"</{tag}> closes nothing"
        assert self.open.pop() == tag, f"</{tag}> closes something else"

    def handle_data(self, data):
        if data.strip():
            self.texts.append((self.open[-1] if self.open else "", data.strip()))

    def text(self) -> str:
        """What a person reads."""
        return "\n".join(text for element, text in self.texts if element not in ("style", "script"))

    def select(self, wanted: Callable[[str, dict[str, str | None]], bool]) -> list[dict[str, str | None]]:
        return [attributes for tag, attributes in self.attributes if wanted(tag, attributes)]
