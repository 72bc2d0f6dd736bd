"""The read side of the provenance database: what was run, how it went, and what a resumed run needs to know.

In: the path of a database. Out: `History`, which gives the records of `records.model` and the `Past` of a run. It
writes nothing, except that a database of an older version is brought up to date first.
"""

from __future__ import annotations

import sqlite3
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Self

import msgspec

from pysprocket.engine.directory import RunDirectory
from pysprocket.engine.events import Status
from pysprocket.engine.failures import FailureKind
from pysprocket.engine.past import Past, PastAttempt, PastCall
from pysprocket.errors import RecordsError
from pysprocket.nearest import nearest
from pysprocket.records.database import explain, open_to_read
from pysprocket.records.liveness import UNFINISHED, how_to_go_on, is_alive
from pysprocket.records.model import AttemptRecord, CallRecord, FileRecord, RunRecord, SessionRecord
from pysprocket.records.rows import document_text

_RUNS = (
    "SELECT runs.id, runs.uuid, name, source, target, status, error, directory, index_directory,"
    " seconds(runs.created_at), seconds(runs.started_at), seconds(completed_at), first.created_by, inputs, outputs,"
    " kind, backend, run_details.engine_version, run_details.host, document_digest, order_json,"
    " session_details.host, pid, seconds(coalesce(last.heartbeat_at, last.created_at))"
    " FROM runs JOIN sessions AS first ON first.id = runs.session_id"
    " LEFT JOIN run_details ON run_details.run_id = runs.id"
    " LEFT JOIN sessions AS last ON last.id ="
    "  coalesce((SELECT max(session_id) FROM run_sessions WHERE run_sessions.run_id = runs.id), runs.session_id)"
    " LEFT JOIN session_details ON session_details.session_id = last.id"
)
_CALLS = (
    "SELECT call_id, target, kind, status, error, failure_kind, outputs, seconds(started_at), seconds(completed_at)"
    " FROM calls WHERE run_id = ? ORDER BY started_at, call_id"
)
_CALLS_OF_SPROCKET = (  # it has no table of calls: each is as its last attempt
    "SELECT coalesce(call_id, name), '', 'task', status, error, NULL, NULL, seconds(coalesce(started_at, created_at)),"
    " seconds(completed_at) FROM tasks WHERE run_id = ? GROUP BY 1 HAVING attempt = max(attempt)"
)
_ATTEMPTS = (
    "SELECT name, coalesce(call_id, name), attempt, status, exit_status, error, retry_cause, constraints,"
    " seconds(created_at), seconds(submitted_at), seconds(started_at), seconds(completed_at), directory, job_id,"
    " failure_kind, failure_message, failure_detail, cpu_seconds, memory_peak, image, image_digest, host, cache_key,"
    " cache_origin, seconds(cancel_requested_at), seconds(reattached_at)"
    " FROM tasks JOIN attempts USING (name) WHERE run_id = ? ORDER BY tasks.rowid"
)
_PAST_CALLS = "SELECT call_id, status, CAST(outputs AS BLOB) FROM calls WHERE run_id = ? AND kind = 'task'"
_PAST_ATTEMPTS = (
    "SELECT call_id, attempt, name, job_id, status, failure_kind, cancel_requested_at IS NOT NULL"
    " FROM tasks JOIN attempts USING (name) WHERE run_id = ? AND status <> 'cached' ORDER BY tasks.rowid"
)
_ENDS = {
    "completed": Status.COMPLETED,
    "failed": Status.FAILED,
    "preempted": Status.FAILED,
    "canceled": Status.CANCELED,
}


class History:
    """The records of an output directory; a context manager.

    Every method raises `RecordsError` when the database cannot be read.

    Args:
        path: of the database.

    Attributes:
        output: the output directory, absolute.

    Raises:
        RecordsError: there is none, it is damaged, or it was made by a newer version.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self.output = path.absolute().parent
        self._connection = open_to_read(path)
        self._connection.create_function("seconds", 1, _seconds, deterministic=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._connection.close()

    def _rows(self, sql: str, *values: object) -> list[tuple[Any, ...]]:
        try:
            return self._connection.execute(sql, values).fetchall()
        except sqlite3.Error as error:
            raise explain(error, self._path) from error

    # --- runs --------------------------------------------------------------------------------------------

    def runs(self, limit: int | None = None) -> list[RunRecord]:
        """All runs, or the last few, the newest first."""
        return [self._run(row) for row in self._rows(f"{_RUNS} ORDER BY runs.id DESC LIMIT ?", limit or -1)]

    def find(self, reference: str) -> RunRecord:
        """The run that a user means: by name, UUID, the beginning of either, or a path in or of its directory.

        Raises:
            RecordsError: there is no such run, or more than one.
        """
        known = self._rows("SELECT id, name, uuid, directory FROM runs ORDER BY id DESC")
        found = [row[0] for row in known if reference in row[1:3]] or self._at(reference, known)
        if not found and reference:
            found = [row[0] for row in known if row[1].startswith(reference) or row[2].startswith(reference.lower())]
        if len(found) != 1:
            raise self._not_one(reference, [row[1] for row in known if row[0] in found], [row[1] for row in known])
        return self._run(self._rows(f"{_RUNS} WHERE runs.id = ?", found[0])[0])

    def latest_unfinished(self) -> RunRecord | None:
        """The newest run that can be gone on with: it was interrupted, or its process died."""
        candidates = self._rows(
            f"{_RUNS} WHERE order_json IS NOT NULL AND status NOT IN ('completed', 'failed') ORDER BY runs.id DESC"
        )
        return next((run for run in map(self._run, candidates) if run.status not in UNFINISHED), None)

    def _run(self, row: tuple[Any, ...]) -> RunRecord:
        run = RunRecord(*row)
        if run.status in UNFINISHED and run.kind is not None and not self.is_alive(run):
            return msgspec.structs.replace(run, status="orphaned", error=how_to_go_on(run.name))
        return run

    def is_alive(self, run: RunRecord) -> bool:
        """Whether a process works on a run."""
        return is_alive(self.output / (run.directory or ""), run.session_host, run.pid, run.seen)

    def _places(self, reference: str) -> list[Path]:
        """What a path may lead to: from here, and from the output directory."""
        return [(start / reference).resolve() for start in dict.fromkeys((Path.cwd(), self.output))]

    def _at(self, reference: str, known: list[tuple[Any, ...]]) -> list[int]:
        """The run whose directory is, or has in it, what a path leads to."""
        output = self.output.resolve()
        ids = {str(output / row[3]): row[0] for row in known if row[3]}
        for place in self._places(reference):
            found = [ids[str(folder)] for folder in (place, *place.parents) if str(folder) in ids]
            if found:
                return found[:1]
        return []

    def _not_one(self, reference: str, several: list[str], names: list[str]) -> RecordsError:
        if several:
            shown = ", ".join(f"`{name}`" for name in several[:5]) + ", …" * (len(several) > 5)
            return RecordsError(f"`{reference}` may be any of {len(several)} runs: {shown}", help="write more of it")
        runs = self.output.resolve() / "runs"
        for place in self._places(reference):
            if place.parent.parent == runs and place.is_dir():
                remedy = "its process died before anything was begun, or its records are lost; run it anew"
                return RecordsError(f"nothing is recorded of a run in `{place}`", help=remedy)
        near = nearest(reference, names, 3, 0.5)
        remedy = "see all with `sprocket runs list`"
        if near:
            remedy = f"did you mean {' or '.join(f'`{name}`' for name in near)}? {remedy}"
        return RecordsError(f"there is no run `{reference}` in `{self.output}`", help=remedy)

    # --- of one run --------------------------------------------------------------------------------------

    def documents(self, run: RunRecord) -> dict[str, str]:
        """The text of each document of a run, by URI."""
        rows = self._rows("SELECT uri, text FROM run_documents JOIN documents USING (digest) WHERE run_id = ?", run.id)
        return {uri: document_text(text) for uri, text in rows}

    def document_digests(self, run: RunRecord) -> dict[str, str]:
        """The digest of each document of a run, by URI: BLAKE2b-256 of its UTF-8 text."""
        return dict(self._rows("SELECT uri, digest FROM run_documents WHERE run_id = ? ORDER BY uri", run.id))

    def sessions(self, run: RunRecord) -> list[SessionRecord]:
        """The processes that worked on a run, in order."""
        rows = self._rows(
            "SELECT seconds(started_at), created_by, host, pid, engine_version FROM run_sessions"
            " JOIN sessions ON sessions.id = session_id JOIN session_details USING (session_id)"
            " WHERE run_id = ? ORDER BY session_id",
            run.id,
        )
        return [SessionRecord(*row) for row in rows]

    def calls(self, run: RunRecord) -> list[CallRecord]:
        """The calls of a run that have begun, in order of their beginning."""
        layout = RunDirectory(Path(), Path(run.directory or ""))
        rows = self._rows(_CALLS if run.kind else _CALLS_OF_SPROCKET, run.id)
        return [CallRecord(*(*row, str(layout.call("" if run.kind == "task" else row[0])))) for row in rows]

    def inputs(self, call: CallRecord) -> dict[str, Any] | None:
        """The inputs that a call was given, from the file `inputs.json` in its directory; None when it is not there."""
        try:
            text = (self.output / (call.directory or "") / "inputs.json").read_bytes()
            return msgspec.json.decode(text, type=dict[str, Any])
        except (OSError, msgspec.DecodeError):  # it is a file for people, who may have removed it
            return None

    def attempts(self, run: RunRecord) -> list[AttemptRecord]:
        """The attempts of a run, in order of their beginning."""
        return [AttemptRecord(*row) for row in self._rows(_ATTEMPTS, run.id)]

    def task_counts(self, run: RunRecord) -> dict[str, int]:
        """How many calls of tasks a run has in each status; "cached" are those that the call cache has saved."""
        rows = self._rows(
            "SELECT status, count(*) FROM calls WHERE run_id = ? AND kind = 'task' GROUP BY status", run.id
        ) or self._rows("SELECT status, count(*) FROM tasks WHERE run_id = ? GROUP BY status", run.id)
        counts: dict[str, int] = dict(rows)
        cached = self._rows("SELECT count(*) FROM tasks WHERE run_id = ? AND status = 'cached'", run.id)[0][0]
        if cached and "cached" not in counts:
            counts["cached"] = cached
            counts["completed"] = counts.get("completed", 0) - cached
        return {status: count for status, count in counts.items() if count > 0}

    def files(self, run: RunRecord) -> list[FileRecord]:
        """The files that calls were given and have made."""
        rows = self._rows(
            "SELECT call_id, direction, name, path FROM call_files WHERE run_id = ? ORDER BY call_id, direction", run.id
        )
        return [FileRecord(*row) for row in rows]

    def past(self, run: RunRecord) -> Past:
        """What is done of a run, and what was begun, for whoever goes on with it.

        An attempt whose success was recorded without that of its call has not been seen to end: the process died in
        between, before it let go of the job. What was taken from the cache then is taken again.
        """
        attempts: dict[str, list[PastAttempt]] = {}
        calls = self._rows(_PAST_CALLS, run.id)
        done = {call_id for call_id, status, _ in calls if status == "completed"}
        for call_id, number, name, job_id, status, failure, cancelled in self._rows(_PAST_ATTEMPTS, run.id):
            end = _ENDS.get(status)
            if end is Status.COMPLETED and call_id not in done:
                end = None
            kind = None if failure is None else FailureKind(failure)
            attempt = PastAttempt(number, name, job_id, end, kind, bool(cancelled))
            attempts.setdefault(call_id, []).append(attempt)
        return {
            call_id: PastCall(
                outputs_json=outputs if status == "completed" else None,
                ended=status == "failed",
                attempts=tuple(attempts.get(call_id, ())),
            )
            for call_id, status, outputs in calls
        }


def _seconds(text: str | None) -> float | None:
    """The time that a column has, in seconds since the epoch."""
    if text is None:
        return None
    moment = datetime.fromisoformat(text)
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
