"""Events as rows of the provenance database.

In: events, in order, inside a transaction. Out: SQL on the connection. Times in the database are UTC: `created_at`
as SQLite writes it, the others as RFC 3339.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec

import pysprocket
from pysprocket.backends.job import JobState, Resources, Result
from pysprocket.engine.events import (
    AttemptCreated,
    AttemptEnded,
    AttemptProgress,
    AttemptSubmitted,
    CallEnded,
    CallStarted,
    Event,
    RunEnded,
    RunStarted,
)
from pysprocket.engine.names import random_uuid


class EventWriter:
    """Writes events of one process to the database; begins with a row in `sessions`.

    Args:
        connection: of `open_database`.
        directory: of the database; directories below it are stored relative to it.
    """

    def __init__(self, connection: sqlite3.Connection, directory: Path) -> None:
        self._execute = connection.execute
        self._directory = directory
        self._run_ids: dict[str, int] = {}
        self._session = self._execute(
            "INSERT INTO sessions (uuid, subcommand, created_by) VALUES (?, 'run', ?)", (random_uuid(), user_name())
        ).lastrowid
        self._write: dict[type, Callable[[Any], None]] = {
            RunStarted: self._run_started,
            RunEnded: self._run_ended,
            CallStarted: self._call_started,
            CallEnded: self._call_ended,
            AttemptCreated: self._attempt_created,
            AttemptSubmitted: self._attempt_submitted,
            AttemptProgress: self._attempt_progress,
            AttemptEnded: self._attempt_ended,
        }

    def write(self, event: Event) -> None:
        """Write what an event says; a notice leaves no trace."""
        write = self._write.get(type(event))
        if write is not None:
            write(event)

    def _run_id(self, uuid: str) -> int:
        run_id = self._run_ids.get(uuid)
        if run_id is None:  # a run that another process began
            run_id = self._execute("SELECT id FROM runs WHERE uuid = ?", (uuid,)).fetchone()[0]
            self._run_ids[uuid] = run_id
        return run_id

    def _run_started(self, event: RunStarted) -> None:
        run_id = self._execute(
            "INSERT INTO runs"
            " (uuid, session_id, name, source, target, status, inputs, directory, started_at, created_at)"
            " VALUES (?, ?, ?, ?, ?, 'running', ?, ?, ?, ?)",
            (
                event.run_id,
                self._session,
                event.name,
                event.source,
                event.target,
                _json(event.inputs),
                event.directory,
                _rfc3339(event.time),
                _plain_time(event.time),
            ),
        ).lastrowid
        assert run_id is not None, "an INSERT gives a row id"
        self._run_ids[event.run_id] = run_id
        self._execute(
            "INSERT INTO run_details (run_id, kind, backend, engine_version, host) VALUES (?, ?, ?, ?, ?)",
            (run_id, event.kind, event.backend, pysprocket.__version__, os.uname().nodename),
        )

    def _run_ended(self, event: RunEnded) -> None:
        outputs = None if event.outputs is None else _json(event.outputs)
        self._execute(
            "UPDATE runs SET status = ?, outputs = ?, error = ?, completed_at = ? WHERE uuid = ?",
            (event.status.value, outputs, event.error, _rfc3339(event.time), event.run_id),
        )

    def _call_started(self, event: CallStarted) -> None:
        self._execute(
            "INSERT INTO calls (run_id, call_id, target, kind, status, started_at) VALUES (?, ?, ?, ?, 'running', ?)"
            " ON CONFLICT DO UPDATE SET status = 'running', error = NULL, completed_at = NULL",
            (self._run_id(event.run_id), event.call_id, event.target, event.kind, _rfc3339(event.time)),
        )

    def _call_ended(self, event: CallEnded) -> None:
        self._execute(
            "UPDATE calls SET status = ?, error = ?, completed_at = ? WHERE run_id = ? AND call_id = ?",
            (event.status.value, event.error, _rfc3339(event.time), self._run_id(event.run_id), event.call_id),
        )

    def _attempt_created(self, event: AttemptCreated) -> None:
        self._execute(
            "INSERT INTO tasks (name, run_id, status, created_at, call_id, attempt, constraints, retry_cause)"
            " VALUES (?, ?, 'initializing', ?, ?, ?, ?, ?)",
            (
                event.job_name,
                self._run_id(event.run_id),
                _plain_time(event.time),
                event.call_id,
                event.attempt,
                _json(_constraints(event.resources, event.images)),
                event.retry_cause,
            ),
        )
        self._execute(
            "INSERT INTO attempts (name, directory) VALUES (?, ?)", (event.job_name, self._relative(event.directory))
        )

    def _attempt_submitted(self, event: AttemptSubmitted) -> None:
        self._execute(
            "UPDATE tasks SET status = 'pending' WHERE name = ? AND status = 'initializing'", (event.job_name,)
        )
        self._execute(
            "UPDATE attempts SET job_id = ?, submitted_at = ? WHERE name = ?",
            (event.job_id.native, _rfc3339(event.time), event.job_name),
        )

    def _attempt_progress(self, event: AttemptProgress) -> None:
        if event.state is JobState.RUNNING:
            self._execute(
                "UPDATE tasks SET status = 'running', started_at = coalesce(started_at, ?)"
                " WHERE name = ? AND completed_at IS NULL",
                (_rfc3339(event.time), event.job_name),
            )

    def _attempt_ended(self, event: AttemptEnded) -> None:
        result = event.result or Result(exit_code=None, stdout="", stderr="", work="")
        started = None if result.started is None else _rfc3339(result.started)
        self._execute(
            "UPDATE tasks SET status = ?, exit_status = ?, error = ?, started_at = coalesce(?, started_at),"
            " completed_at = ? WHERE name = ?",
            (
                event.status.value,
                result.exit_code,
                event.error,
                started,
                _rfc3339(event.time if result.ended is None else result.ended),
                event.job_name,
            ),
        )
        failure = result.failure
        self._execute(
            "UPDATE attempts SET exit_code = ?, failure_kind = ?, failure_message = ?, failure_detail = ?,"
            " cpu_seconds = ?, memory_peak = ?, image = ?, image_digest = ?, host = ? WHERE name = ?",
            (
                result.exit_code,
                failure and failure.kind.value,
                failure and failure.message,
                failure and failure.detail,
                result.usage.cpu_seconds,
                result.usage.memory_peak,
                result.image,
                result.image_digest,
                result.host,
                event.job_name,
            ),
        )

    def _relative(self, directory: str) -> str:
        path = Path(directory)
        return str(path.relative_to(self._directory)) if path.is_relative_to(self._directory) else directory


def user_name() -> str:
    """Who started the process; the number of a user that has no name."""
    import getpass  # noqa: PLC0415 - once per process, and not when it is merely imported

    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return f"uid {os.getuid()}"


def _constraints(resources: Resources, images: tuple[str, ...]) -> dict[str, object]:
    return {
        "container": images[0] if images else None,
        "cpu": resources.cpu,
        "memory": resources.memory,
        "gpu": resources.gpu,
        "fpga": resources.fpga,
        "disks": resources.disks,
    }


def _json(data: object) -> str:
    return msgspec.json.encode(data).decode()


def _plain_time(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M:%S")


def _rfc3339(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="microseconds")
