"""Events as rows of the provenance database.

In: events, in order, a batch at a time inside a transaction. Out: SQL on the connection. Rows of one kind are gathered
and written together, and what happened to an attempt within a batch is one row. Times in the database are UTC:
`created_at` as SQLite writes it, the others as RFC 3339.
"""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import pysprocket
from pysprocket.backends.job import JobState, Resources, Result
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
    RunEnded,
    RunResumed,
    RunStarted,
    Status,
)
from pysprocket.engine.names import random_uuid
from pysprocket.records import statements as sql
from pysprocket.records.keys import Keys, Run
from pysprocket.records.rows import Paths, constraints, document_row, json_text, milliseconds, plain_time, rfc3339
from pysprocket.source.uris import lets_in, redacted, with_word

_NO_RESULT = Result(exit_code=None, stdout="", stderr="", work="")


class EventWriter:
    """Writes events of one process to the database; begins with a row in `sessions`.

    Args:
        connection: of `open_database`, in a transaction.
        directory: of the database; directories below it are stored relative to it.
    """

    def __init__(self, connection: sqlite3.Connection, directory: Path) -> None:
        self._connection = connection
        self._paths = Paths(str(directory))
        self._keys = Keys(connection)
        self._session = self._begin_session()
        self._rows: dict[str, list[tuple[object, ...]]] = {statement: [] for statement in sql.IN_THIS_ORDER}
        self._submitted: dict[int, tuple[str, int]] = {}
        self._running: dict[int, float] = {}
        self._asked: tuple[Resources, tuple[str, ...], str] | None = None
        self._take: dict[type, Callable[[Any], None]] = {
            RunStarted: self._run_started,
            RunResumed: self._run_resumed,
            RunEnded: self._run_ended,
            CallStarted: self._call_started,
            CallEnded: self._call_ended,
            AttemptCreated: self._attempt_created,
            AttemptCached: self._attempt_cached,
            AttemptReattached: self._attempt_reattached,
            AttemptSubmitted: self._attempt_submitted,
            AttemptProgress: self._attempt_progress,
            CancelRequested: self._cancel_requested,
            AttemptEnded: self._attempt_ended,
            Indexed: self._indexed,
        }

    def write(self, events: Iterable[Event]) -> None:
        """Write what events say; notices and transfers leave no trace."""
        for event in events:
            take = self._take.get(type(event))
            if take is not None:
                take(event)
        self._flush()
        self._keys.written()

    def heartbeat(self) -> None:
        """Write that this process lives."""
        self._execute("UPDATE sessions SET heartbeat_at = ? WHERE id = ?", (rfc3339(time.time()), self._session))

    def _execute(self, statement: str, row: tuple[object, ...]) -> sqlite3.Cursor:
        return self._connection.execute(statement, row)

    def _begin_session(self) -> int:
        session = self._execute(
            "INSERT INTO sessions (uuid, subcommand, created_by) VALUES (?, 'run', ?)", (random_uuid(), user_name())
        ).lastrowid
        assert session is not None, "an INSERT gives a row id"
        self._execute(
            "INSERT INTO session_details (session_id, host, pid, engine_version) VALUES (?, ?, ?, ?)",
            (session, os.uname().nodename, os.getpid(), pysprocket.__version__),
        )
        return session

    def _flush(self) -> None:
        """Write the rows that were gathered."""
        for task, (job_id, submitted) in self._submitted.items():
            if task not in self._running:
                self._rows[sql.TASK_SUBMITTED].append((task,))
            self._rows[sql.ATTEMPT_SUBMITTED].append((task, job_id, submitted))
        self._rows[sql.TASK_RUNNING] += [(rfc3339(started), task) for task, started in self._running.items()]
        self._submitted.clear()
        self._running.clear()
        for statement, rows in self._rows.items():
            if rows:
                self._connection.executemany(statement, rows)
                rows.clear()

    # --- runs --------------------------------------------------------------------------------------------

    def _run_started(self, event: RunStarted) -> None:
        inputs = json_text(event.inputs)
        if lets_in(inputs):
            self._keep_private()
        run_id = self._execute(
            "INSERT INTO runs (uuid, session_id, name, source, target, status, inputs, directory, index_directory,"
            " started_at, created_at) VALUES (?, ?, ?, ?, ?, 'running', ?, ?, ?, ?, ?)",
            (
                event.run_id,
                self._session,
                event.name,
                redacted(event.source),
                event.target,
                inputs,
                event.directory,
                event.index_directory and _dotted(event.index_directory),
                rfc3339(event.time),
                plain_time(event.time),
            ),
        ).lastrowid
        assert run_id is not None, "an INSERT gives a row id"
        self._keys.add_run(event.run_id, Run(run_id, event.directory, event.kind))
        digest = self._documents(run_id, event)
        self._execute(
            "INSERT INTO run_details (run_id, kind, backend, engine_version, host, document_digest, order_json)"
            " VALUES (?, ?, ?, ?, ?, ?, ?)",
            (
                *(run_id, event.kind, event.backend, pysprocket.__version__, os.uname().nodename),
                *(digest, json_text(event.order) if event.order else None),
            ),
        )
        self._works_on(run_id, event.time)

    def _documents(self, run_id: int, event: RunStarted) -> str | None:
        """Keep the documents, by URIs without secrets; gives the digest of the one that was run."""
        digests = {}
        for uri, text in {redacted(uri): text for uri, text in event.documents.items()}.items():
            digest, data = document_row(text)
            digests[uri] = digest
            self._execute("INSERT OR IGNORE INTO documents (digest, text) VALUES (?, ?)", (digest, data))
            self._execute("INSERT INTO run_documents (run_id, uri, digest) VALUES (?, ?, ?)", (run_id, uri, digest))
        return digests.get(redacted(event.source))

    def _works_on(self, run_id: int, since: float) -> None:
        self._execute(
            "INSERT OR IGNORE INTO run_sessions (run_id, session_id, started_at) VALUES (?, ?, ?)",
            (run_id, self._session, rfc3339(since)),
        )

    def _run_resumed(self, event: RunResumed) -> None:
        self._flush()
        run_id = self._keys.run(event.run_id).id
        self._execute(
            "UPDATE runs SET status = 'running', outputs = NULL, error = NULL, completed_at = NULL WHERE id = ?",
            (run_id,),
        )
        self._works_on(run_id, event.time)

    def _run_ended(self, event: RunEnded) -> None:
        self._flush()
        if event.status is Status.COMPLETED:
            self._forget_logins(event.run_id)
        outputs = None if event.outputs is None else json_text(event.outputs)
        self._execute(
            "UPDATE runs SET status = ?, outputs = ?, error = ?,"
            " completed_at = max(?, coalesce(started_at, '')) WHERE uuid = ?",
            (event.status.value, outputs, event.error, rfc3339(event.time), event.run_id),
        )

    def _keep_private(self) -> None:
        """Let nobody else read the database: URLs in the inputs of a run let in whoever knows them."""
        _, _, file = self._execute("PRAGMA database_list", ()).fetchone()
        for path in (file, f"{file}-journal"):
            with suppress(FileNotFoundError, PermissionError):  # of another user, who shares the directory
                os.chmod(path, 0o600)  # noqa: PTH101

    def _forget_logins(self, uuid: str) -> None:
        """Nobody goes on with a run that is complete, so URLs in its inputs need not let anybody in any more."""
        asked = "SELECT inputs FROM runs WHERE uuid = ? AND instr(inputs, '://')"
        for (inputs,) in self._execute(asked, (uuid,)).fetchall():
            left = with_word(inputs, "***")
            self._execute("UPDATE runs SET inputs = ? WHERE uuid = ?", (left, uuid))

    def _indexed(self, event: Indexed) -> None:
        run_id, created = self._keys.run(event.run_id).id, plain_time(event.time)
        self._rows[sql.INDEX_LOG] += [(run_id, link, target, created) for link, target in event.links]

    # --- calls -------------------------------------------------------------------------------------------

    def _call_started(self, event: CallStarted) -> None:
        run_id = self._keys.run(event.run_id).id
        target, kind, status = map(self._keys.text, (event.target, event.kind, "running"))
        row = (run_id, event.call_id, target, kind, status, milliseconds(event.time))
        if event.resumed:
            self._rows[sql.CALL_RESUMED].append((*row, self._keys.text("completed")))
        else:
            self._rows[sql.CALL_STARTED].append(row)
        if event.inputs:
            files = self._paths.files(event.inputs)
            self._rows[sql.CALL_FILE] += [(run_id, event.call_id, "in", name, path) for name, path in files]

    def _call_ended(self, event: CallEnded) -> None:
        if event.reused:
            return
        run_id = self._keys.run(event.run_id).id
        row = (
            *(self._keys.text(event.status.value), event.error, self._keys.text(event.failure and event.failure.value)),
            *(event.outputs_json and event.outputs_json.decode(), milliseconds(event.time), run_id, event.call_id),
        )
        self._rows[sql.CALL_ENDED].append(row)
        if event.outputs:
            files = self._paths.files(event.outputs)
            self._rows[sql.CALL_FILE] += [(run_id, event.call_id, "out", name, path) for name, path in files]

    # --- attempts ----------------------------------------------------------------------------------------

    def _directory(self, event: AttemptCreated | AttemptCached, number: int) -> str | None:
        """That of an attempt, where it is not the one that the view `attempts` finds by itself."""
        run = self._keys.run(event.run_id)
        call = "" if run.kind == "task" else f"/calls/{event.call_id.replace('/', '/calls/')}"
        stored = self._paths.stored(event.directory)
        return None if stored == f"{run.directory}{call}/attempts/{number}" else stored

    def _constraints(self, event: AttemptCreated | AttemptCached) -> str:
        """What an attempt asks for; mostly the same as the one before it."""
        if self._asked is None or self._asked[:2] != (event.resources, event.images):
            self._asked = event.resources, event.images, constraints(event.resources, event.images)
        return self._asked[2]

    def _attempt_created(self, event: AttemptCreated) -> None:
        task = self._keys.new_task(event.job_name)
        asked = self._constraints(event) if event.lowered is None else _lowered(event, event.lowered)
        self._rows[sql.TASK].append(
            (
                *(task, event.job_name, self._keys.run(event.run_id).id, plain_time(event.time)),
                *(event.call_id, event.attempt, asked, event.retry_cause),
            )
        )
        if (directory := self._directory(event, event.attempt)) is not None:
            self._rows[sql.ATTEMPT_ELSEWHERE].append((task, directory))

    def _attempt_cached(self, event: AttemptCached) -> None:
        task, run_id = self._keys.new_task(event.job_name), self._keys.run(event.run_id).id
        asked, now = self._constraints(event), rfc3339(event.time)
        self._rows[sql.TASK_CACHED].append(
            (
                *(task, event.job_name, run_id, event.exit_code, plain_time(event.time), now, now),
                *(event.call_id, asked),
            )
        )
        directory, origin = self._directory(event, 0), self._paths.stored(event.origin)
        self._rows[sql.ATTEMPT_CACHED].append((task, directory, event.key, origin))

    def _attempt_reattached(self, event: AttemptReattached) -> None:
        self._rows[sql.ATTEMPT_REATTACHED].append((self._keys.task(event.job_name), milliseconds(event.time)))

    def _attempt_submitted(self, event: AttemptSubmitted) -> None:
        self._submitted[self._keys.task(event.job_name)] = event.job_id.native, milliseconds(event.time)

    def _attempt_progress(self, event: AttemptProgress) -> None:
        if event.state is JobState.RUNNING:
            self._running.setdefault(self._keys.task(event.job_name), event.time)

    def _cancel_requested(self, event: CancelRequested) -> None:
        self._rows[sql.CANCEL_REQUESTED].append((self._keys.task(event.job_name), milliseconds(event.time)))

    def _attempt_ended(self, event: AttemptEnded) -> None:
        task = self._keys.task(event.job_name)
        self._keys.task_is_over(event.job_name)
        result = event.result or _NO_RESULT
        failure = result.failure
        kind = event.failure or (failure.kind if failure else None)
        seen = self._running.pop(task, None)
        started = None if result.started is None else rfc3339(result.started)
        noticed = None if seen is None or started else rfc3339(seen)
        ended = rfc3339(event.time if result.ended is None else result.ended)
        cpu_seconds = result.usage.cpu_seconds
        self._rows[sql.TASK_ENDED].append(
            (event.status.value, result.exit_code, event.error, started, noticed, ended, task)
        )
        self._rows[sql.ATTEMPT_ENDED].append(
            (
                *(task, *self._submitted.pop(task, (None, None))),
                *(self._keys.text(kind and kind.value), failure and failure.message, failure and failure.detail),
                *(cpu_seconds and round(cpu_seconds * 1_000_000), result.usage.memory_peak),
                *map(self._keys.text, (result.image, result.image_digest, result.host)),
            )
        )


def user_name() -> str:
    """Who started the process; the number of a user that has no name."""
    import getpass  # noqa: PLC0415 - once per process, and not when it is merely imported

    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return f"uid {os.getuid()}"


def _lowered(event: AttemptCreated, lowered: Mapping[str, float]) -> str:
    """What an attempt gets, and what it asked for where that was more."""
    return constraints(event.resources, event.images, {f"asked_{name}": amount for name, amount in lowered.items()})


def _dotted(path: str) -> str:
    return path if path.startswith("./") else f"./{path}"
