"""What happens in a run, as values: all that records, progress and reports ever get to know.

In: nothing. Out: the event classes and `Listener`. The engine calls each listener with each event, in order, in its
own thread; a listener returns at once and never raises. Times are seconds since the epoch. Call ids name a call
inside its run as a path of call directories: "align-0", and "sub-1/align-0" inside a sub-workflow.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from typing import Any, TypeAlias

import msgspec

from pysprocket.backends.job import JobId, JobState, Resources, Result


class Status(StrEnum):
    """How a run, a call or an attempt ended."""

    COMPLETED = "completed"
    FAILED = "failed"
    CANCELED = "canceled"


class RunStarted(msgspec.Struct, frozen=True):
    """A run begins; its directory exists.

    Attributes:
        run_id: a UUID.
        name: a name for people, such as "amber-otter-3fa2c1".
        source: URI of the document.
        kind: "task" or "workflow".
        inputs: the given inputs as JSON data, keys with the target's name in front.
        directory: the run directory relative to the output directory, such as "runs/main/2026-04-22_101530123456789".
        backend: the kind of backend.
    """

    time: float
    run_id: str
    name: str
    source: str
    target: str
    kind: str
    inputs: dict[str, Any]
    directory: str
    backend: str


class RunEnded(msgspec.Struct, frozen=True):
    """A run is over; `outputs` as JSON data on success, `error` for the user otherwise."""

    time: float
    run_id: str
    status: Status
    outputs: dict[str, Any] | None = None
    error: str | None = None


class CallStarted(msgspec.Struct, frozen=True):
    """The inputs of a call are ready; `kind` says what is called (tasks only for now), `target` which one."""

    time: float
    run_id: str
    call_id: str
    target: str
    kind: str


class CallEnded(msgspec.Struct, frozen=True):
    """A call is over, after its last attempt."""

    time: float
    run_id: str
    call_id: str
    status: Status
    error: str | None = None


class AttemptCreated(msgspec.Struct, frozen=True):
    """An attempt of a task is about to be submitted; its directory exists.

    Attributes:
        job_name: the name of its job, unique in the whole database.
        attempt: counted from 0.
        directory: of the attempt, absolute.
    """

    time: float
    run_id: str
    call_id: str
    job_name: str
    task: str
    attempt: int
    directory: str
    resources: Resources
    images: tuple[str, ...]
    retry_cause: str | None = None


class AttemptSubmitted(msgspec.Struct, frozen=True):
    """The backend has taken the job."""

    time: float
    run_id: str
    job_name: str
    job_id: JobId


class AttemptProgress(msgspec.Struct, frozen=True):
    """The backend says what the job is doing."""

    time: float
    run_id: str
    job_name: str
    state: JobState
    remark: str


class AttemptEnded(msgspec.Struct, frozen=True):
    """An attempt is over; `result` is None when the backend could not even take the job.

    Attributes:
        error: for the user, None on success.
    """

    time: float
    run_id: str
    call_id: str
    job_name: str
    status: Status
    result: Result | None = None
    error: str | None = None


class Notice(msgspec.Struct, frozen=True):
    """A sentence for the user about the run as a whole, such as what an interruption waits for."""

    time: float
    message: str
    warning: bool = False


Event: TypeAlias = (
    RunStarted
    | RunEnded
    | CallStarted
    | CallEnded
    | AttemptCreated
    | AttemptSubmitted
    | AttemptProgress
    | AttemptEnded
    | Notice
)

Listener: TypeAlias = Callable[[Event], None]
