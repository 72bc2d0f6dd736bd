"""What a run is doing: how many tasks are in which state, and which.

In: events. Out: a `Tally`, from which lines, summaries and the live view are made. An event costs the same in a run of
ten tasks and of ten thousand: tasks move from one table to another, and nothing is ever counted through.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from enum import StrEnum
from itertools import chain
from typing import Any

from pysprocket.backends.job import JobState
from pysprocket.engine.events import (
    AttemptCached,
    AttemptCreated,
    AttemptEnded,
    AttemptProgress,
    AttemptReattached,
    AttemptSubmitted,
    CallEnded,
    CallStarted,
    Event,
    RunEnded,
    RunResumed,
    RunStarted,
    Status,
    Transfer,
)
from pysprocket.engine.failures import FailureKind

ORDER = (JobState.RUNNING, JobState.PULLING, JobState.WAITING)
"""The states of tasks, the one nearest to the end first."""


class Ended(StrEnum):
    """How a call of a task ended."""

    COMPLETED = "completed"
    CACHED = "cached"
    REUSED = "reused"
    FAILED = "failed"
    CANCELED = "canceled"


class Task:
    """A call of a task under way.

    Attributes:
        state: of its attempt.
        since: when it came into this state, seconds since the epoch.
        created: when its attempt was made.
        attempt: its number, from 0.
        native: what the place calls its job, "" before it has one.
        remark: what the place says of it: an image, why it waits.
        cached: whether its result came from the call cache.
    """

    __slots__ = (
        "attempt",
        "cached",
        "call_id",
        "created",
        "job_name",
        "native",
        "remark",
        "since",
        "state",
    )

    def __init__(self, call_id: str, moment: float) -> None:
        self.call_id = call_id
        self.job_name = ""
        self.state = JobState.WAITING
        self.since = self.created = moment
        self.attempt = 0
        self.native = self.remark = ""
        self.cached = False


class Tally:
    """What the events of one run add up to.

    Attributes:
        start: the event with which the run began or was resumed.
        end: the event with which it ended.
        under_way: the tasks in each state by call id, those that came into it first in front.
        jobs: the tasks that have an attempt, by the name of its job.
        ends: how many calls of tasks have ended, by how.
        retries: how many attempts followed one that failed.
        workflows: when each sub-workflow that is under way began.
        transfers: when each transfer that is under way began, by URL.
    """

    def __init__(self) -> None:
        self.start: RunStarted | RunResumed | None = None
        self.end: RunEnded | None = None
        self.under_way: dict[JobState, dict[str, Task]] = {state: {} for state in JobState}
        self.jobs: dict[str, Task] = {}
        self.ends: dict[Ended, int] = dict.fromkeys(Ended, 0)
        self.retries = 0
        self.workflows: dict[str, float] = {}
        self.transfers: dict[str, float] = {}
        self._calls: dict[str, Task] = {}
        self._count: dict[type, Callable[[Any], None]] = {
            RunStarted: self._run_started,
            RunResumed: self._run_started,
            RunEnded: self._run_ended,
            CallStarted: self._call_started,
            CallEnded: self._call_ended,
            AttemptCreated: self._attempt_created,
            AttemptReattached: self._attempt_created,
            AttemptCached: self._attempt_cached,
            AttemptSubmitted: self._submitted,
            AttemptProgress: self._progress,
            AttemptEnded: self._attempt_ended,
            Transfer: self._transfer,
        }

    def __call__(self, event: Event) -> None:
        """Count an event."""
        count = self._count.get(event.__class__)
        if count is not None:
            count(event)

    def active(self) -> Iterator[Task]:
        """The tasks that run, then those that wait for an image; the longest in each first."""
        return chain(self.under_way[JobState.RUNNING].values(), self.under_way[JobState.PULLING].values())

    # --- one for each event ------------------------------------------------------------------------------

    def _run_started(self, event: RunStarted | RunResumed) -> None:
        self.start = event

    def _run_ended(self, event: RunEnded) -> None:
        self.end = event

    def _call_started(self, event: CallStarted) -> None:
        if event.kind == "task":
            self._of_call(event.call_id, event.time)
        else:
            self.workflows[event.call_id] = event.time

    def _of_call(self, call_id: str, moment: float) -> Task:
        task = self._calls.get(call_id)
        if task is None:
            task = self._calls[call_id] = Task(call_id, moment)
            self.under_way[task.state][call_id] = task
        return task

    def _call_ended(self, event: CallEnded) -> None:
        task = self._calls.pop(event.call_id, None)
        if task is None:
            self.workflows.pop(event.call_id, None)
            return
        del self.under_way[task.state][event.call_id]
        self.jobs.pop(task.job_name, None)
        self.ends[self._end(event, task)] += 1

    def _end(self, event: CallEnded, task: Task) -> Ended:
        if event.status is Status.COMPLETED and event.reused:
            return Ended.REUSED
        if event.status is Status.COMPLETED and task.cached:
            return Ended.CACHED
        return Ended(event.status.value)

    def _attempt_created(self, event: AttemptCreated | AttemptReattached) -> None:
        task = self._of_call(event.call_id, event.time)
        task.attempt, task.job_name, task.created = event.attempt, event.job_name, event.time
        task.native, task.remark = "", ""
        self.jobs[event.job_name] = task
        if isinstance(event, AttemptReattached):
            task.native = event.native or ""
            self._move(task, JobState.RUNNING, event.time)  # until the backend says something else
        elif event.attempt and event.retry_cause != FailureKind.CANCELLED:
            self.retries += 1

    def _attempt_cached(self, event: AttemptCached) -> None:
        self._of_call(event.call_id, event.time).cached = True

    def _submitted(self, event: AttemptSubmitted) -> None:
        task = self.jobs.get(event.job_name)
        if task is not None:
            task.native = event.job_id.native

    def _progress(self, event: AttemptProgress) -> None:
        task = self.jobs.get(event.job_name)
        if task is not None:
            task.remark = event.remark
            self._move(task, event.state, event.time)

    def _attempt_ended(self, event: AttemptEnded) -> None:
        task = self.jobs.pop(event.job_name, None)
        if task is None:
            return
        if event.retry is not None:
            task.remark = f"tried again after {event.error or event.failure}".partition("\n")[0]
            self._move(task, JobState.WAITING, event.time)

    def _move(self, task: Task, state: JobState, moment: float) -> None:
        if task.state is not state:
            del self.under_way[task.state][task.call_id]
            self.under_way[state][task.call_id] = task
            task.state, task.since = state, moment

    def _transfer(self, event: Transfer) -> None:
        if event.ended:
            self.transfers.pop(event.url, None)
        else:
            self.transfers[event.url] = event.time
