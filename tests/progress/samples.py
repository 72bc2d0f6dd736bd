"""Events as a run emits them, with what does not matter filled in."""

from __future__ import annotations

from pysprocket.backends.job import JobId, JobState, Resources, Result
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
    RunStarted,
    Status,
)

START = RunStarted(0.0, "r", "amber-otter-3fa2c1", "file:///main.wdl", "main", "workflow", {}, "runs/main/x", "docker")


def started(call: str, time: float = 1.0, kind: str = "task", *, resumed: bool = False) -> CallStarted:
    return CallStarted(time, "r", call, call.rpartition("/")[2], kind, resumed=resumed)


def created(call: str, attempt: int = 0, cause: str | None = None, time: float = 1.0) -> AttemptCreated:
    return AttemptCreated(time, "r", call, f"{call}-{attempt}", call, attempt, "/d", Resources(), ("u",), cause)


def reattached(call: str, native: str | None = None, attempt: int = 0) -> AttemptReattached:
    return AttemptReattached(1.0, "r", call, f"{call}-{attempt}", call, attempt, "/d", Resources(), ("u",), native)


def cached(call: str) -> AttemptCached:
    return AttemptCached(1.0, "r", call, f"{call}-0", call, "/d", Resources(), ("u",), "key", "/origin", 0)


def submitted(call: str, native: str = "77", attempt: int = 0) -> AttemptSubmitted:
    name = f"{call}-{attempt}"
    return AttemptSubmitted(1.0, "r", name, JobId(name, native, "/d"))


def progress(call: str, state: JobState, remark: str = "", time: float = 2.0, attempt: int = 0) -> AttemptProgress:
    return AttemptProgress(time, "r", f"{call}-{attempt}", state, remark)


def running(call: str, time: float = 2.0) -> tuple[Event, ...]:
    """All events of a call until its task runs."""
    return (
        started(call, time),
        created(call, time=time),
        submitted(call),
        progress(call, JobState.RUNNING, time=time),
    )


def attempt_ended(
    call: str, status: Status, attempt: int = 0, exit_code: int | None = 0, *, retry: object = None, **more: object
) -> AttemptEnded:
    result = Result(exit_code=exit_code, stdout="", stderr="", work="", **more)  # type: ignore[arg-type]
    error = "task `t` failed\nwith details" if status is Status.FAILED else None
    return AttemptEnded(14.0, "r", call, f"{call}-{attempt}", status, result, error, retry=retry)  # type: ignore[arg-type]


def ended(call: str, status: Status = Status.COMPLETED, error: str | None = None, *, reused: bool = False) -> CallEnded:
    return CallEnded(14.0, "r", call, status, error, reused=reused)


def completed(call: str) -> tuple[Event, ...]:
    """All events of a call that ends well."""
    return *running(call), attempt_ended(call, Status.COMPLETED), ended(call)


def run_ended(status: Status = Status.COMPLETED, time: float = 20.0) -> RunEnded:
    return RunEnded(time, "r", status, {} if status is Status.COMPLETED else None)
