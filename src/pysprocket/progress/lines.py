"""What happens in a run, in sentences.

In: events. Out: `Line`s, for the terminal and for the log. A `Narrator` remembers what it needs to say how long
something took, and counts how calls of tasks ended.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from enum import IntEnum
from typing import Any, NamedTuple

from pysprocket.backends.job import JobState
from pysprocket.engine.events import (
    AttemptCreated,
    AttemptEnded,
    AttemptProgress,
    AttemptSubmitted,
    CallEnded,
    CallStarted,
    Event,
    Notice,
    RunEnded,
    RunStarted,
    Status,
)


class Level(IntEnum):
    """How much a line matters."""

    DEBUG = 0
    INFO = 1
    WARNING = 2
    ERROR = 3


class Line(NamedTuple):
    """A line: what it is about (a call, or "" for the run) and what happened."""

    level: Level
    subject: str
    text: str

    def __str__(self) -> str:
        return f"{self.subject}: {self.text}" if self.subject else self.text


class Narrator:
    """Turns events of one run into lines."""

    def __init__(self) -> None:
        self.run_name = ""
        self._run_started = 0.0
        self._task_calls: set[str] = set()
        self._told: set[str] = set()
        self._attempts: dict[str, _Attempt] = {}
        self._ends: Counter[Status] = Counter()
        self._retries = 0
        self._tell: dict[type, Callable[[Any], Line | None]] = {
            RunStarted: self._tell_run_started,
            RunEnded: self._tell_run_ended,
            CallStarted: self._tell_call_started,
            CallEnded: self._tell_call_ended,
            AttemptCreated: self._tell_created,
            AttemptSubmitted: self._tell_submitted,
            AttemptProgress: self._tell_progress,
            AttemptEnded: self._tell_ended,
            Notice: self._tell_notice,
        }

    def tell(self, event: Event) -> Line | None:
        """The line for an event, None when there is nothing to say."""
        tell = self._tell.get(type(event))
        return None if tell is None else tell(event)

    def _tell_run_started(self, event: RunStarted) -> Line:
        self.run_name, self._run_started = event.name, event.time
        return Line(Level.INFO, "", f"running {event.kind} {event.target} ({event.backend}) in {event.directory}")

    def _tell_run_ended(self, event: RunEnded) -> Line:
        ends = [f"{count(self._ends[status], 'task')} {status}" for status in Status if self._ends[status]]
        if self._retries:
            ends.append(count(self._retries, "retry", "retries"))
        level = Level.INFO if event.status is Status.COMPLETED else Level.WARNING
        took = duration(event.time - self._run_started)
        return Line(level, "", f"run {self.run_name} {event.status} after {took}: {', '.join(ends) or 'no tasks'}")

    def _tell_call_started(self, event: CallStarted) -> None:
        if event.kind == "task":
            self._task_calls.add(event.call_id)

    def _tell_call_ended(self, event: CallEnded) -> Line | None:
        if event.call_id in self._task_calls:
            self._task_calls.discard(event.call_id)
            self._ends[event.status] += 1
        if event.status is not Status.FAILED or event.call_id in self._told:
            return None
        return Line(Level.ERROR, event.call_id, f"failed: {_first_line(event.error)}")

    def _tell_created(self, event: AttemptCreated) -> Line | None:
        self._attempts[event.job_name] = _Attempt(event.call_id, event.attempt, event.time)
        if event.attempt == 0:
            return None
        self._retries += 1
        self._told.discard(event.call_id)
        because = f" ({_first_line(event.retry_cause)})" if event.retry_cause else ""
        return Line(Level.WARNING, event.call_id, f"retry {event.attempt}{because}")

    def _tell_submitted(self, event: AttemptSubmitted) -> Line:
        return Line(Level.DEBUG, self._subject(event.job_name), f"submitted as {event.job_id.native}")

    def _tell_progress(self, event: AttemptProgress) -> Line | None:
        attempt = self._attempts.get(event.job_name)
        if attempt is None:  # it has ended: what the backend tells of it came too late
            return None
        if event.state is JobState.RUNNING:
            self._attempts[event.job_name] = attempt._replace(started=event.time)
            return Line(Level.INFO, attempt.call_id, "started")
        if event.state is JobState.PULLING:
            return Line(Level.INFO, attempt.call_id, f"pulling {event.remark}".rstrip())
        return Line(Level.DEBUG, attempt.call_id, f"waiting {event.remark}".rstrip())

    def _tell_ended(self, event: AttemptEnded) -> Line:
        attempt = self._attempts.pop(event.job_name, _Attempt(event.call_id, 0, event.time))
        result = event.result
        started = attempt.started if result is None or result.started is None else result.started
        ended = event.time if result is None or result.ended is None else result.ended
        took = duration(ended - started)
        if event.status is Status.COMPLETED:
            return Line(Level.INFO, event.call_id, f"completed in {took}")
        if event.status is Status.CANCELED and result is None:
            return Line(Level.DEBUG, event.call_id, "taken back before it started")
        if event.status is Status.CANCELED:
            return Line(Level.WARNING, event.call_id, f"canceled after {took}")
        self._told.add(event.call_id)
        return Line(Level.WARNING, event.call_id, f"failed after {took}: {_cause(event)}")  # perhaps tried again

    def _tell_notice(self, event: Notice) -> Line:
        return Line(Level.WARNING if event.warning else Level.INFO, "", event.message)

    def _subject(self, job_name: str) -> str:
        attempt = self._attempts.get(job_name)
        return attempt.call_id if attempt is not None else job_name


class _Attempt(NamedTuple):
    call_id: str
    number: int
    started: float


def _cause(event: AttemptEnded) -> str:
    if event.result is not None and event.result.failure is not None:
        return event.result.failure.message
    if event.result is not None and event.result.exit_code:
        return f"exit code {event.result.exit_code}"
    return _first_line(event.error)


def _first_line(text: str | None) -> str:
    return (text or "no reason given").partition("\n")[0]


def count(number: int, singular: str, plural: str | None = None) -> str:
    """A number with its noun: "1 task", "2 tasks"."""
    return f"{number} {singular if number == 1 else plural or singular + 's'}"


def duration(seconds: float) -> str:
    """A time span in seconds for a person: "0.4 s", "12 s", "3 min 05 s", "2 h 04 min"."""
    seconds = max(seconds, 0.0)
    if seconds < 9.95:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60:02} s"
    return f"{whole // 3600} h {whole % 3600 // 60:02} min"
