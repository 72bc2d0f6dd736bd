"""What happens in a run, as values: all that records, progress and reports ever get to know.

In: nothing. Out: the event classes and `Listener`. The engine calls each listener with each event, in order, in its
own thread; a listener returns at once and never raises. Times are seconds since the epoch. Call ids name a call
inside its run as a path of call directories: "align-0", and "sub-1/align-0" inside a sub-workflow.

What resuming rests on is their order. `RunStarted` (or `RunResumed`) comes first and `RunEnded` last. Of a call:
`CallStarted`; for each attempt `AttemptCreated`, which is on disk before the job is submitted, `AttemptSubmitted`,
`AttemptProgress`, maybe `CancelRequested`, which is on disk before the job is cancelled, and `AttemptEnded`; then
`CallEnded`. The last `AttemptEnded` and `CallEnded` are emitted in one go, and are on disk before the backend forgets
the job. `AttemptReattached` stands for `AttemptCreated`, `AttemptCached` for a whole attempt.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Any, TypeAlias

import msgspec

from pysprocket.backends.job import JobId, JobState, Resources, Result
from pysprocket.engine.failures import FailureKind
from pysprocket.values.model import Value


class Status(StrEnum):
    """How a run, a call or an attempt ended."""

    COMPLETED = "completed"
    FAILED = "failed"
    CANCELED = "canceled"


class RunStarted(msgspec.Struct, frozen=True, gc=False):
    """A run begins; its directory exists.

    Attributes:
        run_id: a UUID.
        name: a name for people, such as "amber-otter-3fa2c1".
        source: URI of the document.
        kind: "task" or "workflow".
        inputs: the given inputs as JSON data, keys with the target's name in front.
        directory: the run directory relative to the output directory, such as "runs/main/2026-04-22_101530123456789".
        backend: the kind of backend.
        documents: the text of each document that was read, by URI.
        order: what else somebody needs to go on with the run later, as JSON data (`cli.orders`).
        index_directory: of `--index-on`, relative to the output directory.
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
    documents: Mapping[str, str] = {}
    order: Mapping[str, Any] = {}
    index_directory: str | None = None


class RunResumed(msgspec.Struct, frozen=True, gc=False):
    """Another process goes on with a run; fields as of `RunStarted`."""

    time: float
    run_id: str
    name: str
    target: str
    kind: str
    directory: str
    backend: str


class RunEnded(msgspec.Struct, frozen=True, gc=False):
    """A run is over; `outputs` as JSON data on success, `error` for the user otherwise."""

    time: float
    run_id: str
    status: Status
    outputs: dict[str, Any] | None = None
    error: str | None = None


class CallStarted(msgspec.Struct, frozen=True, gc=False):
    """A call begins: all inputs of a task are known, those of a sub-workflow may still come.

    Attributes:
        target: the name of the task or workflow that is called.
        kind: "task" or "workflow".
        inputs: the values it is given, those that are known.
        resumed: whether an earlier process has begun it.
    """

    time: float
    run_id: str
    call_id: str
    target: str
    kind: str
    inputs: Mapping[str, Value] = {}
    resumed: bool = False


class CallEnded(msgspec.Struct, frozen=True, gc=False):
    """A call is over, after its last attempt.

    Attributes:
        error: for the user, None on success.
        failure: why it failed.
        outputs: on success, with paths of the host.
        outputs_json: the same as JSON: from it a resumed run knows them again.
        reused: whether an earlier process has ended it; there is nothing new to record.
    """

    time: float
    run_id: str
    call_id: str
    status: Status
    error: str | None = None
    failure: FailureKind | None = None
    outputs: Mapping[str, Value] = {}
    outputs_json: bytes | None = None
    reused: bool = False


class AttemptCreated(msgspec.Struct, frozen=True, gc=False):
    """An attempt of a task is about to be submitted; its directory exists.

    Attributes:
        job_name: the name of its job, unique in the whole database.
        attempt: counted from 0.
        directory: of the attempt, absolute.
        retry_cause: why the attempt before failed, None for the first one.
        lowered: what was asked for of "cpu" and "memory" (bytes) where `resources` has less; None for nothing.
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
    lowered: dict[str, float] | None = None


class AttemptCached(msgspec.Struct, frozen=True, gc=False):
    """Instead of an attempt, the result of an earlier one was taken from the call cache.

    Attributes:
        job_name: names the row as a job would; no job was made.
        directory: where what was taken lies, absolute.
        key: of the cache entry.
        origin: the attempt directory in which the task ran.
    """

    time: float
    run_id: str
    call_id: str
    job_name: str
    task: str
    directory: str
    resources: Resources
    images: tuple[str, ...]
    key: str
    origin: str
    exit_code: int


class AttemptReattached(msgspec.Struct, frozen=True, gc=False):
    """A job that an earlier process has made is looked for and awaited; fields as of `AttemptCreated`.

    Attributes:
        native: what the place calls the job, None when nobody knows whether it was submitted.
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
    native: str | None = None


class AttemptSubmitted(msgspec.Struct, frozen=True, gc=False):
    """The backend has taken the job."""

    time: float
    run_id: str
    job_name: str
    job_id: JobId


class AttemptProgress(msgspec.Struct, frozen=True, gc=False):
    """The backend says what the job is doing."""

    time: float
    run_id: str
    job_name: str
    state: JobState
    remark: str


class CancelRequested(msgspec.Struct, frozen=True, gc=False):
    """A job is about to be cancelled: it must not run on, whatever becomes of this process."""

    time: float
    run_id: str
    job_name: str


class Retry(msgspec.Struct, frozen=True, gc=False):
    """What follows a failed attempt: the `number`th of at most `most` tries, after a pause in seconds."""

    number: int
    most: int
    pause: float = 0.0


class AttemptEnded(msgspec.Struct, frozen=True, gc=False):
    """An attempt is over; `result` is None when the backend could not even take the job.

    Attributes:
        error: for the user, None on success.
        failure: why it failed, None on success.
        retry: the next attempt, None when this was the last one.
    """

    time: float
    run_id: str
    call_id: str
    job_name: str
    status: Status
    result: Result | None = None
    error: str | None = None
    failure: FailureKind | None = None
    retry: Retry | None = None


class Indexed(msgspec.Struct, frozen=True, gc=False):
    """Outputs of a run have been linked in the index.

    Attributes:
        links: each link and what it points at, relative to the output directory and beginning with "./".
    """

    time: float
    run_id: str
    links: tuple[tuple[str, str], ...]


class Transfer(msgspec.Struct, frozen=True, gc=False):
    """A remote file is being fetched (`ended` False), is there, or could not be had (`error`)."""

    time: float
    run_id: str
    url: str
    ended: bool = False
    error: str | None = None


class Notice(msgspec.Struct, frozen=True, gc=False):
    """A sentence for the user about the run as a whole, such as what an interruption waits for.

    A `detail` is only for those who want to know more.
    """

    time: float
    message: str
    warning: bool = False
    detail: bool = False


Event: TypeAlias = (
    RunStarted
    | RunResumed
    | RunEnded
    | CallStarted
    | CallEnded
    | AttemptCreated
    | AttemptCached
    | AttemptReattached
    | AttemptSubmitted
    | AttemptProgress
    | CancelRequested
    | AttemptEnded
    | Indexed
    | Transfer
    | Notice
)

Listener: TypeAlias = Callable[[Event], None]
