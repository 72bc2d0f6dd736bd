"""A log for programs: one JSON object a line, one line an event.

In: events. Out: lines appended to a file, with the fields that docs/reference/cli.md names. Values of inputs and
outputs are not among them, and URLs are without what lets others in.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, Self, TypeAlias

import msgspec

from pysprocket.engine.events import (
    AttemptCached,
    AttemptCreated,
    AttemptEnded,
    AttemptProgress,
    AttemptReattached,
    AttemptSubmitted,
    CallEnded,
    CallStarted,
    CancelRequested,
    Event,
    Indexed,
    Notice,
    RunEnded,
    RunResumed,
    RunStarted,
    Transfer,
)
from pysprocket.errors import UsageError
from pysprocket.progress.lines import Clock
from pysprocket.progress.outbox import Outbox
from pysprocket.source.uris import redacted, without_secrets

_Fields: TypeAlias = dict[str, Any]


class JsonLog:
    """A listener that appends events to a file; they are collected for a fifth of a second.

    Args:
        path: of the file; made when there is none. Several runs may share it.
        complain: is told why no more can be written.

    Raises:
        UsageError: it cannot be opened.
    """

    def __init__(self, path: Path, *, complain: Callable[[str], None]) -> None:
        try:
            self._descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o666)
        except OSError as error:
            raise UsageError(
                f"the log `{path}` cannot be written: {error.strerror}", help="name a file in a directory that exists"
            ) from error
        self._path = path
        self._complain = complain
        self._clock = Clock()
        self._calls: dict[str, str] = {}
        self._run: str | None = None
        self._outbox = Outbox(self._write)
        self._encode = msgspec.json.Encoder().encode

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __call__(self, event: Event) -> None:
        """Append an event."""
        kind = KINDS.get(event.__class__)
        if kind is None or self._descriptor < 0:
            return
        name, fields = kind
        self._run = getattr(event, "run_id", self._run)
        entry = {"time": self._clock.utc(event.time), "event": name, "run": self._run, **fields(event)}
        if "job" in entry:
            entry["call"] = self._call_of(event, entry["job"])
        self._outbox.add(self._encode(entry).decode() + "\n")

    def close(self) -> None:
        """Write what is left and close the file; closing again does nothing."""
        self._outbox.close()
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1

    def _call_of(self, event: Event, job: str) -> str | None:
        """The call that a job belongs to; some events name the job alone."""
        if isinstance(event, AttemptCached):
            return event.call_id
        if isinstance(event, AttemptCreated | AttemptReattached):
            self._calls[job] = event.call_id
        if isinstance(event, AttemptEnded):
            return self._calls.pop(job, event.call_id)
        return self._calls.get(job)

    def _write(self, text: str) -> None:
        data = text.encode()
        try:
            while data:
                data = data[os.write(self._descriptor, data) :]
        except OSError as error:
            os.close(self._descriptor)
            self._descriptor = -1
            self._complain(f"the log `{self._path}` cannot be written any more: {error.strerror}")


def _without_secrets(text: str | None) -> str | None:
    return None if text is None else without_secrets(text)


def _moment(seconds: float | None) -> str | None:
    return None if seconds is None else Clock().utc(seconds)


def _run_started(event: RunStarted) -> _Fields:
    return {"source": redacted(event.source), **_run_resumed(event)}


def _run_resumed(event: RunStarted | RunResumed) -> _Fields:
    return {
        "name": event.name,
        "target": event.target,
        "kind": event.kind,
        "directory": event.directory,
        "backend": event.backend,
    }


def _run_ended(event: RunEnded) -> _Fields:
    return {"status": event.status, "error": _without_secrets(event.error)}


def _call_started(event: CallStarted) -> _Fields:
    return {"call": event.call_id, "target": event.target, "kind": event.kind, "resumed": event.resumed}


def _call_ended(event: CallEnded) -> _Fields:
    return {
        "call": event.call_id,
        "status": event.status,
        "failure": event.failure,
        "error": _without_secrets(event.error),
        "reused": event.reused,
    }


def _attempt(event: AttemptCreated | AttemptReattached | AttemptCached) -> _Fields:
    resources = event.resources
    return {
        "job": event.job_name,
        "task": event.task,
        "directory": event.directory,
        "images": event.images,
        "cpu": resources.cpu,
        "memory": resources.memory,
        "gpu": resources.gpu,
        "time_limit": resources.time_limit,
    }


def _created(event: AttemptCreated) -> _Fields:
    cause = _without_secrets(event.retry_cause)
    return {"attempt": event.attempt, "retry_cause": cause, **_attempt(event), "lowered": event.lowered}


def _reattached(event: AttemptReattached) -> _Fields:
    return {"attempt": event.attempt, "native": event.native, **_attempt(event)}


def _cached(event: AttemptCached) -> _Fields:
    return {"origin": event.origin, "key": event.key, "exit_code": event.exit_code, **_attempt(event)}


def _submitted(event: AttemptSubmitted) -> _Fields:
    return {"job": event.job_name, "native": event.job_id.native}


def _progress(event: AttemptProgress) -> _Fields:
    return {"job": event.job_name, "state": event.state, "remark": event.remark}


def _cancel(event: CancelRequested) -> _Fields:
    return {"job": event.job_name}


def _attempt_ended(event: AttemptEnded) -> _Fields:
    result = event.result
    return {
        "job": event.job_name,
        "status": event.status,
        "failure": event.failure,
        "error": _without_secrets(event.error),
        "retry_in": None if event.retry is None else event.retry.pause,
        "exit_code": result and result.exit_code,
        "started": result and _moment(result.started),
        "ended": result and _moment(result.ended),
        "cpu_seconds": result and result.usage.cpu_seconds,
        "memory_peak": result and result.usage.memory_peak,
        "image": result and result.image,
        "image_digest": result and result.image_digest,
        "host": result and result.host,
    }


def _indexed(event: Indexed) -> _Fields:
    return {"links": [{"link": link, "target": target} for link, target in event.links]}


def _transfer(event: Transfer) -> _Fields:
    return {"url": redacted(event.url), "ended": event.ended, "error": _without_secrets(event.error)}


def _notice(event: Notice) -> _Fields:
    level = "warning" if event.warning else "debug" if event.detail else "info"
    return {"level": level, "message": _without_secrets(event.message)}


KINDS: dict[type, tuple[str, Callable[[Any], _Fields]]] = {
    RunStarted: ("run_started", _run_started),
    RunResumed: ("run_resumed", _run_resumed),
    RunEnded: ("run_ended", _run_ended),
    CallStarted: ("call_started", _call_started),
    CallEnded: ("call_ended", _call_ended),
    AttemptCreated: ("attempt_created", _created),
    AttemptReattached: ("attempt_reattached", _reattached),
    AttemptCached: ("attempt_cached", _cached),
    AttemptSubmitted: ("attempt_submitted", _submitted),
    AttemptProgress: ("attempt_progress", _progress),
    CancelRequested: ("cancel_requested", _cancel),
    AttemptEnded: ("attempt_ended", _attempt_ended),
    Indexed: ("indexed", _indexed),
    Transfer: ("transfer", _transfer),
    Notice: ("notice", _notice),
}
"""The name of each event in the log, and what is told of it; names and fields stay as they are."""
