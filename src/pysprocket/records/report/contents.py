"""What a report tells, gathered from the records.

In: `History` and a run. Out: `Contents`: the calls with their attempts, each with one word for its state, grouped by
what was called, and the time at which all of it was looked at.
"""

from __future__ import annotations

import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from pathlib import Path

import msgspec

from pysprocket.records.history import History
from pysprocket.records.model import AttemptRecord, CallRecord, FileRecord, RunRecord, SessionRecord

STATES = ("completed", "cached", "failed", "cancelled", "unfinished", "running", "waiting")
"""The words for calls and attempts, in the order in which they are shown."""

_WAITING = frozenset({"initializing", "localizing", "pending"})
_FAILED = frozenset({"failed", "preempted", "orphaned"})


class Attempt(msgspec.Struct, frozen=True):
    """An attempt: its record, its state, and since when it waited (the record knows that by the second alone)."""

    record: AttemptRecord
    state: str
    created: float

    @property
    def wall(self) -> float | None:
        """Seconds that it ran, None when it has not ended or not begun."""
        record = self.record
        return None if record.started is None or record.ended is None else max(record.ended - record.started, 0.0)


class Call(msgspec.Struct, frozen=True):
    """A call: its record, its state, and its attempts in order (none of a workflow)."""

    record: CallRecord
    state: str
    attempts: tuple[Attempt, ...] = ()

    @property
    def retries(self) -> int:
        """How many of its attempts failed and had another try."""
        return sum(attempt.state == "failed" for attempt in self.attempts[:-1])

    @property
    def gave_up(self) -> bool:
        """Whether it was to be tried again after a failure, and the run ended before."""
        return self.state in ("cancelled", "unfinished") and bool(self.attempts) and self.attempts[-1].state == "failed"

    def extent(self, now: float) -> tuple[float, float]:
        """From its beginning to its end, or `now`."""
        return self.record.started, now if self.record.ended is None else self.record.ended

    def pauses(self, now: float) -> list[tuple[float, float]]:
        """The times between a failed attempt and what followed: another try, or the end of the call without one."""
        if all(attempt.state != "failed" for attempt in self.attempts):
            return []
        end = self.extent(now)[1]
        nexts = [*(attempt.created for attempt in self.attempts[1:]), None if self.state == "failed" else end]
        return [
            (attempt.record.ended, following)
            for attempt, following in zip(self.attempts, nexts, strict=True)
            if attempt.state == "failed" and attempt.record.ended and following and following > attempt.record.ended
        ]

    def spans(self, now: float) -> list[tuple[float, float]]:
        """The times in which it was under way, without pauses; one that is not over is so until `now`."""
        if not self.attempts:
            return [self.extent(now)]
        ends = [now if attempt.record.ended is None else attempt.record.ended for attempt in self.attempts]
        return [(attempt.created, end) for attempt, end in zip(self.attempts, ends, strict=True)]

    @property
    def name(self) -> str:
        """Its id; a task that is run by itself has none, and is called what it is."""
        return self.record.call_id or self.record.target


class Group(msgspec.Struct, frozen=True):
    """The calls that one call statement has made: the elements of a scatter, or one.

    Attributes:
        path: the names of the calls that lead to them.
    """

    path: tuple[str, ...]
    calls: tuple[Call, ...]

    @property
    def name(self) -> str:
        """What was called; a single element of a scatter keeps its index."""
        return self.id.rpartition("/")[2]

    @property
    def id(self) -> str:
        """The whole path to it, which of a single call is its id."""
        return self.calls[0].name if len(self.calls) == 1 else "/".join(self.path)

    @property
    def is_workflow(self) -> bool:
        """Whether a workflow is called."""
        return self.calls[0].record.kind == "workflow"

    @property
    def counts(self) -> dict[str, int]:
        """How many calls there are in each state."""
        return count_states(self.calls)


class Contents(msgspec.Struct, frozen=True):
    """A run, as it was at `now`.

    Attributes:
        output: the output directory, absolute.
        start, end: of the time that the report is about.
        groups: a sub-workflow before what it calls, else in order of their beginning.
    """

    output: Path
    run: RunRecord
    sessions: Sequence[SessionRecord]
    now: float
    start: float
    end: float
    calls: Sequence[Call]
    groups: Sequence[Group]
    documents: dict[str, str]
    files: Sequence[FileRecord]

    @property
    def tasks(self) -> list[Call]:
        """The calls of tasks."""
        return [call for call in self.calls if call.record.kind == "task"]

    @property
    def attempts(self) -> list[Attempt]:
        """All attempts."""
        return [attempt for call in self.calls for attempt in call.attempts]

    def path(self, stored: str) -> Path:
        """Where something lies that the database names."""
        return self.output / stored


def gather(history: History, run: RunRecord) -> Contents:
    """All that a report of a run tells.

    Raises:
        RecordsError: the database cannot be read.
    """
    calls = list(_calls(history.calls(run), history.attempts(run), alive=run.status == "running"))
    times = [moment for call in calls for moment in _moments(call)]
    start = run.started or min(times, default=run.created)
    now = time.time() if run.status == "running" else max([*times, run.ended or start])
    return Contents(
        output=history.output,
        run=run,
        sessions=history.sessions(run),
        now=now,
        start=start,
        end=max(run.ended or now, *times, start),
        calls=calls,
        groups=_groups(calls),
        documents=history.documents(run),
        files=history.files(run),
    )


def count_states(calls: Iterable[Call]) -> dict[str, int]:
    """How many calls there are in each state, in the order of `STATES`."""
    counts = Counter(call.state for call in calls)
    return {state: counts[state] for state in STATES if counts[state]}


def _calls(calls: Iterable[CallRecord], attempts: Iterable[AttemptRecord], *, alive: bool) -> Iterable[Call]:
    made: dict[str, list[AttemptRecord]] = defaultdict(list)
    for attempt in attempts:
        made[attempt.call_id].append(attempt)
    known = [*calls]
    called = {call.call_id for call in known}
    known += [_call_of(records[0], records[-1]) for call_id, records in made.items() if call_id not in called]
    for call in known:
        shown = tuple(_attempts(call, made.get(call.call_id, ()), alive=alive))
        yield Call(call, _call_state(call, shown, alive=alive), shown)


def _call_of(first: AttemptRecord, attempt: AttemptRecord) -> CallRecord:
    """A call of which only its first and its last attempt are known, as in the databases of Sprocket."""
    call_id = attempt.call_id
    status = "completed" if attempt.status == "cached" else attempt.status
    return CallRecord(
        call_id=call_id,
        target=call_id.rpartition("/")[2].partition("-")[0],
        kind="task",
        status=status,
        error=attempt.error,
        failure=attempt.failure,
        outputs_json=None,
        started=first.created,
        ended=attempt.ended,
        directory=attempt.directory,
    )


def _attempts(call: CallRecord, records: Iterable[AttemptRecord], *, alive: bool) -> Iterable[Attempt]:
    earliest = call.started
    for record in records:
        created = max(record.created, earliest)
        if record.started is not None:
            created = min(created, record.started)
        yield Attempt(record, _state(record.status, alive=alive), created)
        earliest = record.ended or created


def _call_state(call: CallRecord, attempts: Sequence[Attempt], *, alive: bool) -> str:
    if attempts and attempts[-1].state == "cached" and call.status == "completed":
        return "cached"
    if alive and call.status == "running" and attempts and attempts[-1].state in ("waiting", "failed"):
        return "waiting"
    return _state(call.status, alive=alive)


def _state(status: str, *, alive: bool) -> str:
    if status in _FAILED:
        return "failed"
    if status in _WAITING or status == "running":
        return "unfinished" if not alive else "running" if status == "running" else "waiting"
    return "cancelled" if status == "canceled" else status


def _moments(call: Call) -> Iterable[float]:
    yield call.record.started
    if call.record.ended is not None:
        yield call.record.ended
    for attempt in call.attempts:
        yield from (moment for moment in (attempt.record.started, attempt.record.ended) if moment is not None)


def _groups(calls: Iterable[Call]) -> list[Group]:
    made: dict[tuple[str, ...], list[Call]] = defaultdict(list)
    for call in calls:
        made[tuple(part.partition("-")[0] for part in call.name.split("/"))].append(call)
    inside: dict[tuple[str, ...], list[tuple[str, ...]]] = defaultdict(list)
    for path in made:
        parent = path[:-1]
        inside[parent if parent in made else ()].append(path)
    ordered: list[Group] = []
    waiting = inside[()][::-1]
    while waiting:
        path = waiting.pop()
        ordered.append(Group(path, tuple(made[path])))
        waiting += inside[path][::-1]
    return ordered
